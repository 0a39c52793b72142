package io.tacet.memory;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of the open arrays of one backend, scratch memory of operations left out. Thread-safe. */
public final class ArrayBytes {
  private final AtomicLong open = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();

  /** Bytes of the arrays that are open now. */
  public long open() {
    return open.get();
  }

  /** Most bytes that were open at once so far. */
  public long peak() {
    return peak.get();
  }

  void opened(long bytes) {
    long now = open.addAndGet(bytes);
    peak.accumulateAndGet(now, Math::max);
  }

  void closed(long bytes) {
    open.addAndGet(-bytes);
  }
}
