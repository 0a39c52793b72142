package io.tacet.data;

import java.io.IOException;
import java.nio.file.Files;
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
   * @throws DataFormatException if a line is not what it should be
   */
  static List<Sample> read(Path list, int classes) throws IOException {
    List<Sample> all = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(list)) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length != 2
          || !fields[0].matches("\\d{1,6}")
          || !fields[1].matches("\\d{1,4}")
          || Integer.parseInt(fields[1]) >= classes) {
        throw new DataFormatException(
            list,
            String.format(
                "expected the number of a sample and a class below %d in line %d, found \"%s\"",
                classes, number, line),
            "Fetch the file again.");
      }
      all.add(new Sample(fields[0] + ".bs2", Integer.parseInt(fields[1])));
    }
    return all;
  }
}
