package io.tacet.data;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.tacet.files.FileFormatException;
import io.tacet.files.Hdf5;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads spikes from an HDF5 file in the layout of SHD and SSC. */
final class SpikesHdf5 {
  private static final String TIMES = "spikes/times";
  private static final String UNITS = "spikes/units";
  private static final String LABELS = "labels";
  private static final double MS_PER_SECOND = 1000;

  private static final String REMEDY =
      "Give a file in the layout of SHD: spikes/times, spikes/units, labels.";

  private final Path file;
  private final SpikeLayout layout;
  private final long bytes;

  private SpikesHdf5(Path file, SpikeLayout layout, long bytes) {
    this.file = file;
    this.layout = layout;
    this.bytes = bytes;
  }

  static SpikeDataset read(Path file, SpikeLayout layout) throws IOException {
    return Hdf5.read(file, REMEDY, hdf -> new SpikesHdf5(file, layout, Files.size(file)).read(hdf));
  }

  private SpikeDataset read(HdfFile hdf) throws FileFormatException {
    int[] labels = labels(data(hdf, LABELS, false));
    Object times = data(hdf, TIMES, true);
    Object units = data(hdf, UNITS, true);
    checkLength(TIMES, times, labels.length);
    checkLength(UNITS, units, labels.length);
    SpikeTable spikes = new SpikeTable(labels);
    for (int sample = 0; sample < labels.length; sample++) {
      Object sampleTimes = Array.get(times, sample);
      Object sampleUnits = Array.get(units, sample);
      int count = Array.getLength(sampleTimes);
      if (Array.getLength(sampleUnits) != count) {
        throw bad(
            String.format(
                "expected %d units of sample %d, as many as times, found %d",
                count, sample, Array.getLength(sampleUnits)));
      }
      for (int e = 0; e < count; e++) {
        spikes.add(sample, time(sample, sampleTimes, e), unit(sample, sampleUnits, e));
      }
    }
    return spikes.build(file.getFileName().toString(), layout);
  }

  private Object data(HdfFile hdf, String path, boolean variable) throws FileFormatException {
    Node node = hdf;
    for (String name : path.split("/", -1)) {
      node = node instanceof Group group ? group.getChildren().get(name) : null;
    }
    if (!(node instanceof Dataset dataset)) {
      throw bad("expected an array " + path + ", found only " + hdf.getChildren().keySet());
    }
    if (dataset.isVariableLength() != variable || dataset.getDimensions().length != 1) {
      throw bad(
          String.format(
              "expected %s to be %s, found %s%s",
              path,
              variable ? "an array of arrays" : "an array of integers",
              dataset.isVariableLength() ? "an array of arrays with " : "numbers with ",
              "dimensions " + Arrays.toString(dataset.getDimensions())));
    }
    String problem = Hdf5.problem(dataset, bytes);
    if (!problem.isEmpty()) {
      throw bad(path + ": " + problem);
    }
    return dataset.getData();
  }

  private int[] labels(Object data) throws FileFormatException {
    int[] labels = new int[Array.getLength(data)];
    for (int sample = 0; sample < labels.length; sample++) {
      long label = Array.getLong(data, sample);
      if (label < 0 || label > layout.greatestLabel()) {
        throw bad(
            String.format(
                "expected labels from 0 to %d, found %d of sample %d",
                layout.greatestLabel(), label, sample));
      }
      labels[sample] = (int) label;
    }
    return labels;
  }

  private double time(int sample, Object times, int event) throws FileFormatException {
    double ms = Array.getDouble(times, event) * MS_PER_SECOND;
    if (!(ms >= 0 && ms <= layout.latestMs())) {
      throw bad(
          String.format(
              "expected times from 0 to %s ms, found %s ms of event %d of sample %d",
              layout.latestMs(), ms, event, sample));
    }
    return ms;
  }

  private int unit(int sample, Object units, int event) throws FileFormatException {
    long unit = Array.getLong(units, event);
    if (unit < 0 || unit > layout.greatestSource()) {
      throw bad(
          String.format(
              "expected units from 0 to %d, found %d of event %d of sample %d",
              layout.greatestSource(), unit, event, sample));
    }
    return (int) unit;
  }

  private void checkLength(String path, Object array, int expected) throws FileFormatException {
    if (Array.getLength(array) != expected) {
      throw bad(
          String.format(
              "expected %d samples in %s, as many as there are labels, found %d",
              expected, path, Array.getLength(array)));
    }
  }

  private FileFormatException bad(String problem) {
    return new FileFormatException(file, problem, REMEDY);
  }
}
