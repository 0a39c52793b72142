package io.tacet.cuda.internal;

import io.tacet.cuda.ArrayTransfer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Arrays side by side in one allocation, which a copy takes together.
 *
 * @param parts by ascending address
 */
record Span(List<ArrayTransfer> parts) {
  /** Arrays that are allocated together begin at multiples of this. */
  static final int ALIGNMENT = 256;

  /**
   * Divides transfers into spans.
   *
   * @param most bytes of a span of several arrays
   */
  static List<Span> of(List<ArrayTransfer> transfers, long most) {
    List<ArrayTransfer> sorted = new ArrayList<>(transfers);
    sorted.sort(
        Comparator.comparingLong(ArrayTransfer::block).thenComparingLong(ArrayTransfer::address));
    List<Span> spans = new ArrayList<>();
    for (ArrayTransfer next : sorted) {
      Span last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
      if (last != null && last.takes(next, most)) {
        last.parts.add(next);
      } else {
        spans.add(new Span(new ArrayList<>(List.of(next))));
      }
    }
    return spans;
  }

  private boolean takes(ArrayTransfer next, long most) {
    return next.block() == parts.get(0).block()
        && next.address() - end() < ALIGNMENT
        && next.address() + next.bytes() - begin() <= most;
  }

  long begin() {
    return parts.get(0).address();
  }

  private long end() {
    ArrayTransfer last = parts.get(parts.size() - 1);
    return last.address() + last.bytes();
  }

  long bytes() {
    return end() - begin();
  }

  /** Bytes from the begin to a part. */
  int offset(ArrayTransfer part) {
    return Math.toIntExact(part.address() - begin());
  }
}
