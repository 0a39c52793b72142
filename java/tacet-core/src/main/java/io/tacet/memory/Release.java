package io.tacet.memory;

import io.tacet.spi.Storage;
import java.lang.ref.Cleaner;

/**
 * What is done when an array is closed or forgotten: its memory is given back, once the last who
 * borrowed it has returned it. References the storage but never the array.
 */
final class Release implements Runnable {
  static final Cleaner CLEANER = Cleaner.create();

  private final Storage storage;
  private final ArrayBytes count;
  private final long bytes;
  private final String what;
  private final Throwable origin;

  /** The array and all who have borrowed its memory. */
  private int users = 1;

  private volatile boolean closed;
  private volatile boolean explicit;

  Release(Storage storage, ArrayBytes count, long bytes, String what, Throwable origin) {
    this.storage = storage;
    this.count = count;
    this.bytes = bytes;
    this.what = what;
    this.origin = origin;
  }

  /** The memory of an open array. */
  Storage storage() {
    checkOpen();
    return storage;
  }

  boolean isClosed() {
    return closed;
  }

  /** To be called before the array is closed: nobody has forgotten it. */
  void expect() {
    checkOpen();
    explicit = true;
  }

  /** Keeps the memory until {@link #giveBack}, even if the array is closed before. */
  synchronized void lend() {
    checkOpen();
    users++;
  }

  void giveBack() {
    if (isLast()) {
      storage.free();
    }
  }

  private synchronized boolean isLast() {
    return --users == 0;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException(what + " is closed.");
    }
  }

  @Override
  public void run() {
    closed = true;
    Leaks.closed();
    count.closed(bytes);
    if (!explicit) {
      Leaks.collected(what, origin);
    }
    giveBack();
  }
}
