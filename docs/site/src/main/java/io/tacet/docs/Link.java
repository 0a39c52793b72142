package io.tacet.docs;

import java.nio.file.Path;

/**
 * A link as a page has it.
 *
 * @param destination relative to the page, perhaps with an anchor; or an address elsewhere
 */
record Link(String destination) {

  /** Whether it leads out of the project. */
  boolean leadsAway() {
    return destination.matches("[a-z]+:.*");
  }

  /** The name of a heading; empty for none. */
  String anchor() {
    int at = destination.indexOf('#');
    return at < 0 ? "" : destination.substring(at + 1);
  }

  /** The file to which it leads, relative to the project. */
  Path target(Path page) {
    int at = destination.indexOf('#');
    String path = at < 0 ? destination : destination.substring(0, at);
    return path.isEmpty() ? page : page.resolveSibling(path).normalize();
  }

  /** The page of a Markdown file. */
  static Path html(Path markdown) {
    String name = markdown.getFileName().toString();
    return markdown.resolveSibling(
        name.equals("README.md") ? "index.html" : name.replaceAll("md$", "html"));
  }

  /** From one page of the site to another place in it. */
  static String between(Path from, Path to) {
    Path folder = from.getParent();
    return (folder == null ? to : folder.relativize(to)).toString().replace('\\', '/');
  }
}
