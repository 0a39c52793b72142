package io.tacet.cuda;

/** An allocation did not fit the memory of its device. */
public class OutOfDeviceMemoryException extends CudaException {
  private static final long serialVersionUID = 1L;

  private final long asked;
  private final long free;
  private final long total;

  public OutOfDeviceMemoryException(String device, long asked, long free, long total) {
    super(
        "Out of memory on "
            + device
            + ": asked for "
            + asked
            + " bytes, free "
            + free
            + ", total "
            + total
            + ".");
    this.asked = asked;
    this.free = free;
    this.total = total;
  }

  /** Bytes that were asked for. */
  public long asked() {
    return asked;
  }

  /** Bytes that were free just after the failure. */
  public long free() {
    return free;
  }

  /** Bytes that the device has in all. */
  public long total() {
    return total;
  }
}
