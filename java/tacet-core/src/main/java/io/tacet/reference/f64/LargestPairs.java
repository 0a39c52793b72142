package io.tacet.reference.f64;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Keeps the pairs with the smallest keys of all that come, of equal keys those with the lower
 * number, whatever the order in which they come: room for twice as many, which is cut back when it
 * is full. May be used by several threads.
 */
final class LargestPairs {
  /**
   * What a pair must be below to belong to those that are kept.
   *
   * @param key of the last of them
   * @param pair its number
   */
  record Limit(long key, long pair) {
    boolean admits(long otherKey, long otherPair) {
      return otherKey < key || (otherKey == key && otherPair < pair);
    }
  }

  private final int wanted;
  private final long[] keys;
  private final long[] pairs;
  private final RadixSelection selection = new RadixSelection();
  private int count;
  private volatile Limit limit = new Limit(Long.MAX_VALUE, Long.MAX_VALUE);

  /**
   * @param wanted how many are kept, at least 1
   */
  LargestPairs(int wanted) {
    this.wanted = wanted;
    int room = Math.toIntExact(Math.min(2L * wanted, Integer.MAX_VALUE - 8));
    keys = new long[room];
    pairs = new long[room];
  }

  /** What need not come. It falls as pairs come. */
  Limit limit() {
    return limit;
  }

  /** Takes the first {@code length} of these. */
  synchronized void add(long[] newKeys, long[] newPairs, int length) {
    for (int k = 0; k < length; k++) {
      if (limit.admits(newKeys[k], newPairs[k])) {
        if (count == keys.length) {
          cut();
        }
        keys[count] = newKeys[k];
        pairs[count++] = newPairs[k];
      }
    }
  }

  private void cut() {
    selection.find(keys, count, Real.KEY_BITS, wanted);
    long key = selection.key();
    long last = lastTied(key, Math.toIntExact(selection.left()));
    limit = new Limit(key, last + 1);
    int to = 0;
    for (int from = 0; from < count; from++) {
      if (limit.admits(keys[from], pairs[from])) {
        keys[to] = keys[from];
        pairs[to++] = pairs[from];
      }
    }
    count = to;
  }

  /** The number of a rank, from 1, among pairs of this key. */
  private long lastTied(long key, int rank) {
    long[] tied =
        IntStream.range(0, count).filter(k -> keys[k] == key).mapToLong(k -> pairs[k]).toArray();
    Arrays.sort(tied);
    return tied[rank - 1];
  }

  /** Those that are kept, ascending; fewer than wanted if fewer came. */
  synchronized long[] sorted() {
    if (count > wanted) {
      cut();
    }
    long[] all = Arrays.copyOf(pairs, count);
    Arrays.sort(all);
    return all;
  }
}
