package io.tacet.cuda;

/** An allocation exceeded the free memory of the device. */
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

  /** Bytes requested. */
  public long asked() {
    return asked;
  }

  /** Bytes free just after the failure. */
  public long free() {
    return free;
  }

  /** Total bytes of the device. */
  public long total() {
    return total;
  }
}
