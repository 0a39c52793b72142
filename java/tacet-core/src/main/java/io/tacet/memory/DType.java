package io.tacet.memory;

/** Element types of device arrays. */
public enum DType {
  FLOAT32(4),
  /** Verification only: supported by the java backend. */
  FLOAT64(8),
  INT32(4),
  /** Unsigned 16-bit integers, for the indices of layers with at most 65536 targets. */
  UINT16(2);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether this is one of the two floating-point types. */
  public boolean isFloating() {
    return this == FLOAT32 || this == FLOAT64;
  }
}
