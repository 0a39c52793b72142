package io.tacet.memory;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts arrays that are open and arrays that the garbage collector found unclosed. Tests assert
 * both to be 0. With {@code -Dtacet.memory.trace=true} every array remembers where it was allocated
 * and a leaked one prints that.
 */
public final class Leaks {
  static final boolean TRACE = Boolean.getBoolean("tacet.memory.trace");
  private static final AtomicLong OPEN = new AtomicLong();
  private static final AtomicLong COLLECTED = new AtomicLong();

  private Leaks() {}

  /** Arrays allocated and not yet closed. */
  public static long open() {
    return OPEN.get();
  }

  /** Arrays that became unreachable without having been closed; their memory was released. */
  public static long collected() {
    return COLLECTED.get();
  }

  static void opened() {
    OPEN.incrementAndGet();
  }

  static void closed() {
    OPEN.decrementAndGet();
  }

  static void collected(String what, Throwable origin) {
    COLLECTED.incrementAndGet();
    System.Logger log = System.getLogger("io.tacet.memory");
    String message =
        what
            + " became unreachable without close(); its memory was released by the cleaner."
            + (origin == null
                ? " Run with -Dtacet.memory.trace=true to see where it came from."
                : "");
    if (origin == null) {
      log.log(System.Logger.Level.WARNING, message);
    } else {
      log.log(System.Logger.Level.WARNING, message, origin);
    }
  }
}
