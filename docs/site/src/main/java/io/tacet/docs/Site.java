package io.tacet.docs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * All Markdown files that can be reached from README.md of a project, as HTML pages in folders like
 * those of the project, with the files and pictures to which they link. The contents beside each
 * page are docs/README.md. A link to something that is not there is an error.
 */
public final class Site {
  /** What the contents are made from. */
  static final Path CONTENTS = Path.of("docs/README.md");

  private static final Path FIRST = Path.of("README.md");
  private static final String STYLE = "style.css";

  private final Path project;
  private final Path out;
  private final Map<Path, Page> pages = new LinkedHashMap<>();
  private final Set<Path> files = new TreeSet<>();
  private final Set<Path> folders = new TreeSet<>();
  private final Set<String> problems = new TreeSet<>();

  private Site(Path project, Path out) {
    this.project = project;
    this.out = out;
  }

  /** Writes the site of a project: {@code Site PROJECT FOLDER}. */
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException(
          "usage: Site PROJECT FOLDER, the root of the project and where pages go");
    }
    Path out = Path.of(args[1]);
    int count = write(Path.of(args[0]), out);
    System.out.println(count + " pages: " + out.resolve("index.html"));
  }

  /**
   * Writes the site.
   *
   * @param project folder with README.md and docs/README.md
   * @param out folder of the pages; files in it are replaced
   * @return number of pages
   * @throws IllegalStateException if a link leads nowhere; the message lists all of them
   */
  public static int write(Path project, Path out) throws IOException {
    Site site = new Site(project.toAbsolutePath().normalize(), out);
    site.read();
    site.check();
    site.write();
    return site.pages.size();
  }

  /** Reads all pages, from the first on. */
  private void read() throws IOException {
    Deque<Path> open = new ArrayDeque<>(List.of(FIRST, CONTENTS));
    while (!open.isEmpty()) {
      Path path = open.remove();
      if (pages.containsKey(path)) {
        continue;
      }
      Page page = Page.of(path, Files.readString(project.resolve(path)));
      pages.put(path, page);
      for (Link link : page.links()) {
        follow(page, link, open);
      }
    }
  }

  private void follow(Page from, Link link, Deque<Path> open) {
    if (link.leadsAway()) {
      return;
    }
    Path target = link.target(from.path());
    Path place = project.resolve(target).normalize();
    if (!place.startsWith(project) || !Files.exists(place)) {
      problems.add(from.path() + ": " + link.destination() + ": no such file");
    } else if (target.toString().endsWith(".md")) {
      open.add(target);
    } else if (Files.isDirectory(place)) {
      Path readme = target.resolve("README.md");
      if (Files.exists(project.resolve(readme))) {
        open.add(readme);
      } else {
        folders.add(target);
      }
    } else {
      files.add(target);
    }
  }

  private void check() {
    for (Page page : pages.values()) {
      for (Link link : page.links()) {
        Page target = link.leadsAway() ? null : pages.get(link.target(page.path()));
        if (target != null
            && !link.anchor().isEmpty()
            && !target.anchors().contains(link.anchor())) {
          problems.add(page.path() + ": " + link.destination() + ": no such heading");
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new IllegalStateException("Links lead nowhere:\n" + String.join("\n", problems));
    }
  }

  private void write() throws IOException {
    Page contents = pages.get(CONTENTS);
    for (Page page : pages.values()) {
      String html = page.html(this::pageOf, contents);
      write(out.resolve(Link.html(page.path())), html);
    }
    for (Path folder : folders) {
      write(out.resolve(folder).resolve("index.html"), list(folder));
    }
    for (Path file : files) {
      Path to = out.resolve(file);
      Files.createDirectories(to.getParent());
      Files.write(to, Files.readAllBytes(project.resolve(file)));
    }
    try (InputStream style = Site.class.getResourceAsStream(STYLE)) {
      write(out.resolve(STYLE), new String(style.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** Where a link to a file or folder leads within the site. */
  private Path pageOf(Path target) {
    if (target.toString().endsWith(".md")) {
      return Link.html(target);
    }
    return Files.isDirectory(project.resolve(target)) ? target.resolve("index.html") : target;
  }

  /** The names in a folder that has no page of its own. */
  private String list(Path folder) throws IOException {
    StringBuilder text = new StringBuilder("# " + folder + "\n\n");
    try (Stream<Path> all = Files.list(project.resolve(folder))) {
      all.map(path -> path.getFileName().toString())
          .filter(name -> !name.startsWith(".") && !name.equals("target"))
          .sorted()
          .forEach(name -> text.append("- `").append(name).append("`\n"));
    }
    return Page.of(folder.resolve("README.md"), text.toString())
        .html(this::pageOf, pages.get(CONTENTS));
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
