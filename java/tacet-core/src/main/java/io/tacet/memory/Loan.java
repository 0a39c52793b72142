package io.tacet.memory;

import java.lang.ref.Cleaner;

/**
 * Keeps the memory of an array for another library that knows it by its address, even when the
 * array has been closed. Whoever got it from {@link DeviceArray#lend} closes it once the other
 * library has done with the memory; one that is forgotten is closed when it is collected.
 */
public final class Loan implements AutoCloseable {
  private final long address;
  private final long bytes;
  private final Cleaner.Cleanable end;
  private boolean closed;

  Loan(long address, long bytes, Release memory) {
    this.address = address;
    this.bytes = bytes;
    memory.lend();
    this.end = Release.CLEANER.register(this, memory::giveBack);
  }

  /**
   * Address of the first byte: of device memory for {@code cuda}, of this process for {@code host}.
   */
  public long address() {
    checkOpen();
    return address;
  }

  /** Size of the memory in bytes. */
  public long bytes() {
    return bytes;
  }

  /**
   * Says that the other library uses the memory no more.
   *
   * @throws IllegalStateException if it is closed already
   */
  @Override
  public void close() {
    checkOpen();
    closed = true;
    end.clean();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("A loan of " + bytes + " bytes is closed.");
    }
  }
}
