package io.tacet.data;

import io.tacet.files.FileFormatException;
import io.tacet.files.TableRow;
import io.tacet.files.TextTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Spike trains from lists of spikes: tables of comma-separated values, or HDF5 files. */
public final class SpikeLists {
  private static final int MISSING = -1;

  /** Without labels a single number decides how much is allocated. */
  private static final int MOST_SAMPLES = (1 << 24) - 1;

  private SpikeLists() {}

  /**
   * Reads two tables whose first lines name their columns. Spikes may be in any order.
   *
   * @param spikes a table with the columns {@code sample}, {@code time_ms} and {@code unit}:
   *     samples and units are numbered from 0
   * @param labels a table with the columns {@code sample,label}, which has each sample once, in any
   *     order; a sample without spikes is one, too
   * @throws FileFormatException if a table is not as it should be; names the line, what was
   *     expected and what was found
   * @throws IOException if one cannot be read
   */
  public static SpikeDataset csv(Path spikes, Path labels, SpikeLayout layout) throws IOException {
    return csv(spikes, labels(labels, layout), layout);
  }

  /**
   * Reads a table of spikes whose classes a network is to predict; they are given as 0. There are
   * as many samples as the greatest that spikes tells. Throws as {@link #csv(Path, Path,
   * SpikeLayout)}.
   */
  public static SpikeDataset csv(Path spikes, SpikeLayout layout) throws IOException {
    int last = -1;
    try (TextTable table = TextTable.commas(spikes)) {
      int[] columns = table.header("sample", "time_ms", "unit");
      for (TableRow row = table.next(); row != null; row = table.next()) {
        last = Math.max(last, row.integer(columns[0], "the number of a sample", 0, MOST_SAMPLES));
      }
    }
    return csv(spikes, new int[last + 1], layout);
  }

  private static SpikeDataset csv(Path spikes, int[] classes, SpikeLayout layout)
      throws IOException {
    SpikeTable collected = new SpikeTable(classes);
    try (TextTable table = TextTable.commas(spikes)) {
      int[] columns = table.header("sample", "time_ms", "unit");
      for (TableRow row = table.next(); row != null; row = table.next()) {
        int sample = row.integer(columns[0], "a sample that has a label,", 0, classes.length - 1);
        double ms = row.real(columns[1], "a time in ms");
        if (ms < 0 || ms > layout.latestMs()) {
          throw row.problem("expected a time from 0 to " + layout.latestMs() + " ms, found " + ms);
        }
        int source = row.integer(columns[2], "a unit", 0, layout.greatestSource());
        collected.add(sample, ms, source);
      }
    }
    return collected.build(spikes.getFileName().toString(), layout);
  }

  /**
   * Reads an HDF5 file in the layout of the Heidelberg data sets SHD and SSC (Cramer et al. 2020):
   * {@code spikes/times}, in seconds, and {@code spikes/units} are arrays of arrays, one for each
   * sample, and {@code labels} has their classes.
   *
   * <p>Memory: about three times that of the data set.
   *
   * @throws FileFormatException if the file is not HDF5, is damaged, or has other contents; names
   *     the array, the sample, what was expected and what was found
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   */
  public static SpikeDataset hdf5(Path file, SpikeLayout layout) throws IOException {
    return SpikesHdf5.read(file, layout);
  }

  private static int[] labels(Path file, SpikeLayout layout) throws IOException {
    List<TableRow> rows = new ArrayList<>();
    int[] columns;
    try (TextTable table = TextTable.commas(file)) {
      columns = table.header("sample", "label");
      for (TableRow row = table.next(); row != null; row = table.next()) {
        rows.add(row);
      }
    }
    int[] labels = new int[rows.size()];
    Arrays.fill(labels, MISSING);
    for (TableRow row : rows) {
      int sample = row.integer(columns[0], "the number of a sample", 0, labels.length - 1);
      if (labels[sample] != MISSING) {
        throw row.problem("expected each sample once, found sample " + sample + " again");
      }
      labels[sample] = row.integer(columns[1], "a class", 0, layout.greatestLabel());
    }
    return labels;
  }
}
