package io.tacet.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.SequenceSampler;
import ai.djl.translate.TranslateException;
import io.tacet.data.ArraySequences;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Data sets of DJL as sequences, for Tacet to train on. They are read once, in batches through
 * DJL's own pipelines and in the order of their index, into the Java heap; the order of a training
 * is that of Tacet.
 */
public final class DjlSequences {
  private static final int BATCH = 256;

  private DjlSequences() {}

  /**
   * Samples with a class each.
   *
   * @param name what reports call them
   * @param data prepared; the first array of a sample has steps x channels numbers, steps first,
   *     and the first of its label is the number of its class
   * @param steps number of steps of a sample, at least 1
   * @param channels number of inputs of a step, at least 1
   * @param classes number of classes
   * @throws IllegalArgumentException if a sample has more or fewer numbers, or a label is no class
   * @throws IOException if DJL cannot read them
   */
  public static ArraySequences read(
      String name, RandomAccessDataset data, int steps, int channels, int classes)
      throws IOException {
    int samples = samples(data);
    float[] values = new float[Math.multiplyExact(samples, Math.multiplyExact(steps, channels))];
    float[] labels = new float[samples];
    read(data, values, labels, steps * channels);
    int[] classOf = new int[samples];
    for (int i = 0; i < samples; i++) {
      classOf[i] = (int) labels[i];
      if (classOf[i] != labels[i]) {
        throw new IllegalArgumentException(
            "labels: expected the number of a class for sample " + i + ", got " + labels[i] + ".");
      }
    }
    return ArraySequences.of(name, values, steps, channels, classOf, classes);
  }

  /**
   * Samples with targets, for a network trained by {@code MeanSquaredError}.
   *
   * @param outputs numbers in a row of targets: the first array of a label has so many, or so many
   *     for each step
   * @param everyStep whether each step has a row of targets, else each sample has one
   * @throws IllegalArgumentException if a sample or its label has more or fewer numbers
   * @throws IOException if DJL cannot read them
   */
  public static ArraySequences regression(
      String name,
      RandomAccessDataset data,
      int steps,
      int channels,
      int outputs,
      boolean everyStep)
      throws IOException {
    int samples = samples(data);
    int each = everyStep ? Math.multiplyExact(steps, outputs) : outputs;
    float[] values = new float[Math.multiplyExact(samples, Math.multiplyExact(steps, channels))];
    float[] targets = new float[Math.multiplyExact(samples, each)];
    read(data, values, targets, steps * channels);
    return ArraySequences.regression(name, values, steps, channels, targets, outputs);
  }

  private static int samples(RandomAccessDataset data) {
    if (data.size() < 1) {
      throw new IllegalArgumentException(
          "data: expected samples, got none; call data.prepare() first.");
    }
    return Math.toIntExact(data.size());
  }

  /** Fills both arrays with all samples. */
  private static void read(RandomAccessDataset data, float[] values, float[] labels, int each)
      throws IOException {
    FloatBuffer intoValues = FloatBuffer.wrap(values);
    FloatBuffer intoLabels = FloatBuffer.wrap(labels);
    int samples = (int) data.size();
    try (NDManager manager = NDManager.newBaseManager()) {
      for (Batch batch :
          data.getData(manager, new BatchSampler(new SequenceSampler(), BATCH, false))) {
        try (batch) {
          put("data", batch.getData(), batch.getSize(), each, intoValues);
          put("labels", batch.getLabels(), batch.getSize(), labels.length / samples, intoLabels);
        }
      }
    } catch (TranslateException e) {
      throw new IOException("DJL cannot read the data set: " + e.getMessage(), e);
    }
  }

  private static void put(String what, NDList batch, int size, int each, FloatBuffer into) {
    NDArray first = batch.head();
    if (first.size() != (long) size * each) {
      throw new IllegalArgumentException(
          what
              + ": expected "
              + each
              + " numbers for each of "
              + size
              + " samples, got "
              + Arrays.toString(first.getShape().getShape())
              + ".");
    }
    into.put(first.toType(DataType.FLOAT32, false).toFloatArray());
  }
}
