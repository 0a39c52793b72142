package io.tacet.spark;

import java.io.Serializable;
import scala.Tuple2;

/** What is counted of all samples before the training. No record, for Kryo's sake. */
final class SampleCount implements Serializable {
  private static final long serialVersionUID = 1L;

  private long samples;
  private int shortest = Integer.MAX_VALUE;
  private int longest;
  private long fingerprint;

  SampleCount add(Tuple2<SampleKey, Sample> row) {
    samples++;
    int length = row._2().values().length;
    shortest = Math.min(shortest, length);
    longest = Math.max(longest, length);
    // A sum, which does not depend on the order of partitions.
    fingerprint += row._1().fingerprint();
    return this;
  }

  SampleCount add(SampleCount other) {
    samples += other.samples;
    shortest = Math.min(shortest, other.shortest);
    longest = Math.max(longest, other.longest);
    fingerprint += other.fingerprint;
    return this;
  }

  /**
   * Number of samples.
   *
   * @throws IllegalArgumentException if there are none, or more than 2^31 - 1
   */
  int samples() {
    if (samples < 1 || samples > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "dataset: expected from 1 to " + Integer.MAX_VALUE + " rows, got " + samples + ".");
    }
    return (int) samples;
  }

  /** Numbers of the shortest sequence. */
  int shortest() {
    return shortest;
  }

  /** Numbers of the longest sequence. */
  int longest() {
    return longest;
  }

  /** Of the content of all. */
  long fingerprint() {
    return fingerprint;
  }
}
