package io.tacet.files;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * A row of a {@link TextTable}, whose fields are read by column and type. What is not as expected
 * is reported with file, line, what was expected and what was found.
 */
public final class TableRow {
  private static final int SHOWN_CHARACTERS = 60;
  private static final String REMEDY = "Correct that line or fetch the file again.";

  private final Path file;
  private final long line;
  private final List<String> fields;

  TableRow(Path file, long line, List<String> fields) {
    this.file = file;
    this.line = line;
    this.fields = fields;
  }

  /** Number of the line in the file, from 1. */
  public long line() {
    return line;
  }

  /** Number of fields. */
  public int size() {
    return fields.size();
  }

  /** A field, without spaces around it; empty if the row has fewer. */
  public String text(int column) {
    return column < fields.size() ? fields.get(column).strip() : "";
  }

  /** All fields, without spaces around them. */
  public List<String> texts() {
    return fields.stream().map(String::strip).toList();
  }

  /**
   * Refuses a row of another number of fields.
   *
   * @param expected what the fields are, as in "a sample and its class"
   */
  public TableRow expect(int size, String expected) throws FileFormatException {
    if (fields.size() != size) {
      throw problem("expected " + expected + ", found " + shown());
    }
    return this;
  }

  /**
   * An integer.
   *
   * @param what the field is, for messages, as in "a class"
   * @param least smallest that is allowed
   * @param most greatest that is allowed
   */
  public int integer(int column, String what, int least, int most) throws FileFormatException {
    return (int) longInteger(column, what, least, most);
  }

  /** An integer of 64 bits; as {@link #integer}. */
  public long longInteger(int column, String what, long least, long most)
      throws FileFormatException {
    try {
      long value = Long.parseLong(text(column));
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported with all others below.
    }
    String limits = most == Long.MAX_VALUE ? " from " + least : " from " + least + " to " + most;
    throw problem("expected " + what + limits + ", found " + shown(text(column)));
  }

  /** A finite number; {@code what} it is, for messages, as in "a time in ms". */
  public double real(int column, String what) throws FileFormatException {
    try {
      double value = Double.parseDouble(text(column));
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported with those that are not finite below.
    }
    throw problem("expected " + what + ", a finite number, found " + shown(text(column)));
  }

  /**
   * A file in {@code folder} or below it by the name in a field. Who wrote the table may be another
   * than who reads it, so it names no other files: a name that is absolute, leads out of the folder
   * by {@code ..} or is that of the folder is refused.
   *
   * @param what it is, for messages, as in "a recording"
   */
  public Path path(int column, String what, Path folder) throws FileFormatException {
    String text = text(column);
    Path name;
    try {
      name = folder.getFileSystem().getPath(text);
    } catch (InvalidPathException e) {
      throw problem("expected the name of " + what + ", found " + shown(text));
    }
    Path plain = name.normalize();
    if (plain.toString().isEmpty() || name.getRoot() != null || plain.startsWith("..")) {
      throw new FileFormatException(
          file,
          String.format(
              "line %d: expected the name of %s in the folder %s or below it, found %s",
              line, what, folder, shown(text)),
          "Move that file into the folder and give its name from there on, as in a/b.aedat.");
    }
    return folder.resolve(name);
  }

  /**
   * What to throw if the row will not do for another reason.
   *
   * @param problem what was expected and what was found, without a full stop
   */
  public FileFormatException problem(String problem) {
    return new FileFormatException(file, "line " + line + ": " + problem, REMEDY);
  }

  /** The row as messages show it. */
  String shown() {
    return shown(String.join(" ", fields));
  }

  private static String shown(String text) {
    boolean all = text.length() <= SHOWN_CHARACTERS;
    return Json.line(all ? text : text.substring(0, SHOWN_CHARACTERS) + "...");
  }
}
