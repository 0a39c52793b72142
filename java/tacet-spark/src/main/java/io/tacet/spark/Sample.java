package io.tacet.spark;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A row as networks take it: numbers, or events; with its class. No record, for Kryo's sake. */
final class Sample implements Serializable {
  private static final long serialVersionUID = 1L;

  private final float[] values;
  private final double[] times;
  private final int[] units;
  private final int label;

  private Sample(float[] values, double[] times, int[] units, int label) {
    this.values = values;
    this.times = times;
    this.units = units;
    this.label = label;
  }

  /** A sequence, [steps][channels]. */
  static Sample of(float[] values, int label) {
    return new Sample(values, new double[0], new int[0], label);
  }

  /** Events in ms, and their channels. */
  static Sample of(double[] times, int[] units, int label) {
    return new Sample(new float[0], times, units, label);
  }

  float[] values() {
    return values;
  }

  double[] times() {
    return times;
  }

  int[] units() {
    return units;
  }

  /** Its class; 0 where there are no labels. */
  int label() {
    return label;
  }

  /** SHA-256 of all that is in it, by which equal samples are known. */
  ByteBuffer digest() {
    ByteBuffer bytes =
        ByteBuffer.allocate(
            Integer.BYTES * (1 + values.length + units.length) + Double.BYTES * times.length);
    bytes.putInt(label);
    for (float value : values) {
      bytes.putFloat(value);
    }
    for (double time : times) {
      bytes.putDouble(time);
    }
    for (int unit : units) {
      bytes.putInt(unit);
    }
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JVM has SHA-256.", e);
    }
  }
}
