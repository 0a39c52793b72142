package io.tacet.memory;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/**
 * Warnings about arrays that were never closed. A program that leaks one usually leaks thousands:
 * the first few are reported one by one, then only their number, each time it has grown tenfold.
 */
final class LeakWarnings {
  /** Arrays that get a warning of their own. */
  static final int WHOLE = 5;

  private final BiConsumer<String, Throwable> log;
  private final AtomicLong count = new AtomicLong();

  /**
   * @param log receives a message and where the array was allocated, or null
   */
  LeakWarnings(BiConsumer<String, Throwable> log) {
    this.log = log;
  }

  /** Arrays so far. */
  long count() {
    return count.get();
  }

  /**
   * Counts an array, and warns if one is due.
   *
   * @param what it was
   * @param origin where it was allocated, or null if that was not recorded
   */
  void add(String what, Throwable origin) {
    long now = count.incrementAndGet();
    if (now <= WHOLE) {
      warn(
          what + " became unreachable without close(); its memory was released by the cleaner.",
          origin);
    } else if (isPowerOfTen(now)) {
      warn(
          now
              + " arrays so far became unreachable without close(), the latest one: "
              + what
              + ". Leaks.collected() counts them.",
          origin);
    }
  }

  private void warn(String message, Throwable origin) {
    String hint =
        origin == null ? " Run with -Dtacet.memory.trace=true to see where it came from." : "";
    log.accept(message + hint, origin);
  }

  private static boolean isPowerOfTen(long n) {
    long power = 1;
    while (power < n) {
      power *= 10;
    }
    return power == n;
  }
}
