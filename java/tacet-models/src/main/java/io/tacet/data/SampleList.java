package io.tacet.data;

import io.tacet.files.FileFormatException;
import io.tacet.files.TableRow;
import io.tacet.files.TextTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A list of samples as the SLAYER repository has them: in each line the number of a sample, which
 * is the name of its file, and its class. Empty lines and those that begin with {@code #} do not
 * count.
 */
final class SampleList {
  private SampleList() {}

  /**
   * A line.
   *
   * @param file name of the sample's file, {@code NUMBER.bs2}
   * @param label its class
   */
  record Sample(String file, int label) {}

  /**
   * Reads a list.
   *
   * @param classes number of classes
   * @throws FileFormatException if a line is not what it should be
   */
  static List<Sample> read(Path list, int classes) throws IOException {
    List<Sample> all = new ArrayList<>();
    try (TextTable table = TextTable.spaces(list)) {
      for (TableRow row = table.next(); row != null; row = table.next()) {
        row.expect(2, "the number of a sample and a class below " + classes);
        String number = row.text(0);
        if (!number.matches("\\d{1,6}")) {
          throw row.problem("expected the number of a sample, found \"" + number + "\"");
        }
        int label = row.integer(1, "a class", 0, classes - 1);
        all.add(new Sample(number + ".bs2", label));
      }
    }
    return all;
  }
}
