package io.tacet.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTableTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("table.csv");
  }

  private Path write(String text) throws IOException {
    return Files.writeString(file, text);
  }

  private static List<String> rows(TextTable table) throws IOException {
    List<String> all = new ArrayList<>();
    try (table) {
      for (TableRow row = table.next(); row != null; row = table.next()) {
        all.add(row.line() + ":" + row.texts());
      }
    }
    return all;
  }

  private void refused(ThrowingCallable reading, String message) {
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(reading)
        .withMessageStartingWith(file + ": " + message);
  }

  @Test
  void commasQuotesCommentsAndEmptyLinesAreThoseOfCsv() throws IOException {
    write("\ufeffa, b\r\n# c,d\n\n\"x,\"\"y\",\"1\n2\"\nlast,");
    assertThat(rows(TextTable.commas(file)))
        .containsExactly("1:[a, b]", "4:[x,\"y, 1\n2]", "6:[last, ]");
  }

  @Test
  void spacesSeparateFieldsHoweverMany() throws IOException {
    write("\ufeff 1\t 2 \n\n  # c d\n#\n3 4 5");
    assertThat(rows(TextTable.spaces(file))).containsExactly("1:[1, 2]", "5:[3, 4, 5]");
  }

  @Test
  void anEmptyFileHasNoRows() throws IOException {
    write("");
    assertThat(rows(TextTable.commas(file))).isEmpty();
    assertThat(rows(TextTable.spaces(file))).isEmpty();
    refused(
        () -> TextTable.commas(file).header("a"),
        "expected a first line with the column names a, found an empty file");
  }

  @Test
  void columnsAreFoundByTheirNames() throws IOException {
    write("unit,more,sample\n1,2,3\n");
    try (TextTable table = TextTable.commas(file)) {
      assertThat(table.header("sample", "unit")).containsExactly(2, 0);
      assertThat(table.next().integer(2, "a sample", 0, 9)).isEqualTo(3);
    }
    refused(
        () -> TextTable.commas(file).header("sample", "time_ms"),
        "expected a first line with the column names sample,time_ms, found \"unit more sample\"");
  }

  @Test
  void bytesThatAreNotUtf8AreReportedWithTheirLineWhereverTheyAre() throws IOException {
    for (int before : new int[] {0, 1, 4000, 100_000}) {
      byte[] bytes = "1,2\n".repeat(before + 1).getBytes(StandardCharsets.UTF_8);
      bytes[bytes.length - 2] = (byte) 0xc3;
      Files.write(file, bytes);
      String message =
          String.format(
              "expected text in UTF-8, found the byte 0xc3 in line %d, at offset %d",
              before + 1, bytes.length - 2);
      refused(() -> rows(TextTable.commas(file)), message);
      refused(() -> rows(TextTable.spaces(file)), message);
      refused(() -> TextFile.read(file), message);
    }
  }

  @Test
  void aCharacterCutShortAtTheEndIsReported() throws IOException {
    Files.write(file, new byte[] {'a', '\n', (byte) 0xe2, (byte) 0x82});
    String message = "expected text in UTF-8, found the byte 0xe2 in line 2, at offset 2";
    refused(() -> rows(TextTable.commas(file)), message);
    refused(() -> TextFile.read(file), message);
  }

  @Test
  void fieldsOfAnotherKindAreReportedWithLineExpectedAndFound() throws IOException {
    write("x,5,1e999,3000000000,a\u0000b\n");
    try (TextTable table = TextTable.commas(file)) {
      TableRow row = table.next();
      assertThat(row.integer(1, "a class", 0, 9)).isEqualTo(5);
      assertThat(row.real(1, "a time in ms")).isEqualTo(5);
      assertThat(row.longInteger(3, "a time", 0, Long.MAX_VALUE)).isEqualTo(3_000_000_000L);
      refused(
          () -> row.integer(0, "a class", 0, 9),
          "line 1: expected a class from 0 to 9, found \"x\". Correct that line");
      refused(() -> row.integer(1, "a class", 0, 4), "line 1: expected a class from 0 to 4, found");
      refused(
          () -> row.integer(3, "a class", 0, Integer.MAX_VALUE),
          "line 1: expected a class from 0 to 2147483647, found \"3000000000\"");
      refused(
          () -> row.longInteger(9, "a time", 0, Long.MAX_VALUE),
          "line 1: expected a time from 0, found \"\"");
      refused(
          () -> row.real(2, "a time in ms"),
          "line 1: expected a time in ms, a finite number, found \"1e999\"");
      refused(() -> row.real(0, "a time"), "line 1: expected a time, a finite number, found \"x\"");
      refused(
          () -> row.path(4, "a recording", folder),
          "line 1: expected the name of a recording, found \"a\\u0000b\"");
      refused(() -> row.expect(2, "two fields"), "line 1: expected two fields, found \"x 5 1e999");
    }
  }

  @Test
  void aQuoteWithoutEndIsReported() throws IOException {
    write("a,b\n1,\"2\n3,4\n");
    refused(() -> rows(TextTable.commas(file)), "expected comma-separated values: ");
  }

  @Test
  void aFieldTooLongForTheReaderIsReported() throws IOException {
    byte[] bytes = new byte[20_000_000];
    Arrays.fill(bytes, (byte) 'x');
    Files.write(file, bytes);
    refused(() -> rows(TextTable.commas(file)), "expected comma-separated values: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/../../x", "./../x", "..", "a/../..", "/x", "//x/..", "", "."})
  void namesThatLeadOutOfTheFolderAreRefused(String name) throws IOException {
    Path data = folder.resolve("data");
    write("file\n\"" + name + "\"\n");
    try (TextTable table = TextTable.commas(file)) {
      table.next();
      TableRow row = table.next();
      refused(
          () -> row.path(0, "a recording", data),
          "line 2: expected the name of a recording in the folder "
              + data
              + " or below it, found \""
              + name
              + "\". Move that file into the folder");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "a/x", "a/../x", "./x", "..x", "a/..b", "a..b/x"})
  void namesBelowTheFolderAreTaken(String name) throws IOException {
    write(name + "\n");
    try (TextTable table = TextTable.commas(file)) {
      assertThat(table.next().path(0, "a recording", folder)).isEqualTo(folder.resolve(name));
    }
  }
}
