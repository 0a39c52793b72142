package io.tacet.report;

/** Text within a page. */
public final class Markup {
  private Markup() {}

  /** With the characters replaced that have a meaning in markup. */
  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
