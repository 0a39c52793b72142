package io.tacet.spark;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Comparator;

/**
 * The place of a sample among all: by a number of its row where there is one, then by its content.
 * So the order does not depend on how rows are spread over partitions.
 */
final class SampleKey implements Comparable<SampleKey>, Serializable {
  private static final long serialVersionUID = 1L;
  private static final Comparator<SampleKey> ORDER =
      Comparator.<SampleKey>comparingLong(key -> key.order)
          .thenComparingLong(key -> key.high)
          .thenComparingLong(key -> key.low);

  private final long order;
  private final long high;
  private final long low;

  private SampleKey(long order, long high, long low) {
    this.order = order;
    this.high = high;
    this.low = low;
  }

  /** Of a sample whose row has a number. */
  static SampleKey of(long order, Sample sample) {
    ByteBuffer digest = sample.digest();
    return new SampleKey(order, digest.getLong(), digest.getLong());
  }

  /** Of its content and its number. */
  long fingerprint() {
    return high * (2 * order + 1);
  }

  @Override
  public int compareTo(SampleKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SampleKey key && compareTo(key) == 0;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(high);
  }
}
