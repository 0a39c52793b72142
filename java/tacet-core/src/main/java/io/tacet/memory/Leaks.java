package io.tacet.memory;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts open arrays and arrays that were garbage-collected without having been closed. Tests
 * assert both to be 0. The first few of the latter are reported one by one, then their number. With
 * {@code -Dtacet.memory.trace=true} every array records where it was allocated, and the report of a
 * leak includes it.
 */
public final class Leaks {
  static final boolean TRACE = Boolean.getBoolean("tacet.memory.trace");
  private static final AtomicLong OPEN = new AtomicLong();
  private static final LeakWarnings WARNINGS =
      new LeakWarnings(
          (message, origin) ->
              System.getLogger("io.tacet.memory")
                  .log(System.Logger.Level.WARNING, message, origin));

  private Leaks() {}

  /** Arrays allocated and not yet closed. */
  public static long open() {
    return OPEN.get();
  }

  /** Arrays that became unreachable without having been closed; their memory was released. */
  public static long collected() {
    return WARNINGS.count();
  }

  static void opened() {
    OPEN.incrementAndGet();
  }

  static void closed() {
    OPEN.decrementAndGet();
  }

  static void collected(String what, Throwable origin) {
    WARNINGS.add(what, origin);
  }
}
