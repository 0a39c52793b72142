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
 *
 * <p>The pages of a version are a folder of its name. Beside them the site keeps those of others,
 * and its first page lists them all.
 */
public final class Site {
  /** What the contents are made from. */
  static final Path CONTENTS = Path.of("docs/README.md");

  private static final Path FIRST = Path.of("README.md");
  private static final String STYLE = "style.css";

  private final Path project;

  /** Folder of the pages of the version. */
  private final Path out;

  private final String version;
  private final Map<Path, Page> pages = new LinkedHashMap<>();
  private final Set<Path> files = new TreeSet<>();
  private final Set<Path> folders = new TreeSet<>();
  private final Set<String> problems = new TreeSet<>();

  private Site(Path project, Path out, String version) {
    this.project = project;
    this.out = out;
    this.version = version;
  }

  /** Writes the site of a project: {@code Site PROJECT FOLDER VERSION}. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      throw new IllegalArgumentException(
          "usage: Site PROJECT FOLDER VERSION, the root of the project, the folder of the site and"
              + " the version of the project");
    }
    Path site = Path.of(args[1]);
    int count = write(Path.of(args[0]), site, args[2]);
    System.out.println(count + " pages: " + site.resolve("index.html"));
  }

  /**
   * Writes the pages of a version into a site, and its list of versions.
   *
   * @param project folder with README.md and docs/README.md
   * @param site folder of the site; files of the same version in it are replaced
   * @param version of the project, such as 0.1.0
   * @return number of pages
   * @throws IllegalArgumentException if the version is no name of a folder
   * @throws IllegalStateException if a link leads nowhere; the message lists all of them
   */
  public static int write(Path project, Path site, String version) throws IOException {
    Path out = Versions.folder(site, version);
    Site pages = new Site(project.toAbsolutePath().normalize(), out, version);
    pages.read();
    pages.check();
    pages.write();
    write(site.resolve("index.html"), Versions.page(site));
    writeStyle(site);
    return pages.pages.size();
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
      String html = page.html(this::pageOf, contents, version);
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
    writeStyle(out);
  }

  private static void writeStyle(Path folder) throws IOException {
    try (InputStream style = Site.class.getResourceAsStream(STYLE)) {
      write(folder.resolve(STYLE), new String(style.readAllBytes(), StandardCharsets.UTF_8));
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
        .html(this::pageOf, pages.get(CONTENTS), version);
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
