package io.tacet.network;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Mean membrane potentials of a spiking layer in the last pass, and the push that a regulariser
 * gives them: of each neuron and sample {@code (1/T) integral of V}, see {@link
 * io.tacet.eventprop.MeanPotentials}. They are computed when they are first asked for; the arrays
 * are made then.
 */
public final class PotentialMeter implements AutoCloseable {
  private final int neurons;
  private final int batch;
  private final Supplier<DeviceArray> allocate;
  private final Consumer<DeviceArray> measure;
  private final Resources resources = new Resources();
  private DeviceArray array;
  private double[] means;
  private double[] slopes;

  /**
   * @param allocate a new array [batch][neurons]
   * @param measure writes those of the last pass
   */
  public PotentialMeter(
      int neurons, int batch, Supplier<DeviceArray> allocate, Consumer<DeviceArray> measure) {
    this.neurons = neurons;
    this.batch = batch;
    this.allocate = allocate;
    this.measure = measure;
  }

  /** A pass begins: what was measured and pushed is over. */
  public void begin() {
    means = null;
    slopes = null;
  }

  /** Number of neurons. */
  public int neurons() {
    return neurons;
  }

  private DeviceArray array() {
    if (array == null) {
      array = resources.own(allocate.get());
    }
    return array;
  }

  /** Of each neuron, the mean over time and the samples of the last pass, in units of V. */
  public double[] overBatch() {
    if (means == null) {
      measure.accept(array());
      means = array().toDoubles();
    }
    double[] sums = new double[neurons];
    for (int k = 0; k < means.length; k++) {
      sums[k % neurons] += means[k] / batch;
    }
    return sums;
  }

  /**
   * Adds to the backward pass the derivative of a term by {@link #overBatch}.
   *
   * @param derivatives one for each neuron
   */
  public void push(double[] derivatives) {
    double[] sum = slopes == null ? new double[neurons] : slopes;
    Arrays.setAll(sum, n -> sum[n] + derivatives[n]);
    slopes = sum;
  }

  /**
   * What was pushed in this pass, as dL/dmean of each neuron and sample, [batch][neurons]; null for
   * nothing.
   */
  public DeviceArray pushed() {
    if (slopes == null) {
      return null;
    }
    double[] each = new double[batch * neurons];
    Arrays.setAll(each, k -> slopes[k % neurons] / batch);
    return array().copyFrom(each);
  }

  @Override
  public void close() {
    resources.close();
  }
}
