package io.tacet.bench;

import io.tacet.report.Markup;
import java.util.ArrayList;
import java.util.List;

/** A table, as Markdown and as HTML. */
final class Table {
  private static final String RIGHT = ">";

  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();

  /** Columns by name; one whose name ends in {@code >} holds numbers, which are right-aligned. */
  Table(String... header) {
    this.header = List.of(header);
  }

  /** Adds a row of as many cells as there are columns. */
  Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  String markdown() {
    StringBuilder text = new StringBuilder("|");
    header.forEach(name -> text.append(' ').append(plain(name)).append(" |"));
    text.append("\n|");
    header.forEach(name -> text.append(name.endsWith(RIGHT) ? "---:|" : "---|"));
    for (List<String> row : rows) {
      text.append("\n|");
      row.forEach(cell -> text.append(' ').append(cell.replace("|", "\\|")).append(" |"));
    }
    return text.append("\n").toString();
  }

  String html() {
    StringBuilder text = new StringBuilder("<div class=\"wide\"><table><thead><tr>");
    for (String name : header) {
      text.append(name.endsWith(RIGHT) ? "<th class=\"n\">" : "<th>");
      text.append(Markup.escape(plain(name))).append("</th>");
    }
    text.append("</tr></thead><tbody>\n");
    for (List<String> row : rows) {
      text.append("<tr>");
      for (int k = 0; k < row.size(); k++) {
        text.append(header.get(k).endsWith(RIGHT) ? "<td class=\"n\">" : "<td>");
        text.append(Markup.escape(row.get(k))).append("</td>");
      }
      text.append("</tr>\n");
    }
    return text.append("</tbody></table></div>\n").toString();
  }

  private static String plain(String name) {
    return name.endsWith(RIGHT) ? name.substring(0, name.length() - 1) : name;
  }
}
