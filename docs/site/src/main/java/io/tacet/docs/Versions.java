package io.tacet.docs;

import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The versions of a project that a site has, each a folder with its pages. */
final class Versions {
  private Versions() {}

  /**
   * The folder of a version.
   *
   * @throws IllegalArgumentException if it is no version, or no name of a folder
   */
  static Path folder(Path site, String version) {
    Version.parse(version);
    if (!version.matches("[\\w.+-]+")) {
      throw new IllegalArgumentException(
          "version: expected letters, digits, '.', '+' and '-', got '" + version + "'.");
    }
    return site.resolve(version);
  }

  /** All of them, the newest first. */
  private static List<String> of(Path site) throws IOException {
    try (Stream<Path> folders = Files.list(site)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("index.html")))
          .map(folder -> folder.getFileName().toString())
          .sorted(Comparator.comparing(Version::parse).reversed())
          .toList();
    }
  }

  /** The first page of a site, which lists its versions. */
  static String page(Path site) throws IOException {
    StringBuilder body = new StringBuilder("<h1>Tacet</h1>\n<ul>\n");
    for (String version : of(site)) {
      body.append("<li><a href=\"%1$s/index.html\">%1$s</a></li>\n".formatted(version));
    }
    return Page.html("Tacet", "style.css", "", body.append("</ul>\n").toString());
  }
}
