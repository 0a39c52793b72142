package io.tacet.cuda.internal;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Addresses of direct buffers, and direct buffers at addresses, by JavaCPP. */
public final class DirectMemory {
  private DirectMemory() {}

  /**
   * The address of the first element of a direct buffer, whose position is 0.
   *
   * @throws IllegalArgumentException if it is on the Java heap
   */
  public static long address(Buffer buffer) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException(
          "memory: expected a direct buffer or an address, as kernels do not compute on the Java"
              + " heap, got a buffer over a Java array; copy it by Buffers.copy into an array of"
              + " the backend.");
    }
    return new Pointer(buffer).address();
  }

  /** A direct buffer at an address, in native order. */
  static ByteBuffer buffer(long address, long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "An array of "
              + bytes
              + " bytes does not fit a buffer; lend() its memory, and use the address.");
    }
    return new BytePointer(new Place(address, bytes)).asByteBuffer();
  }

  /** Memory that JavaCPP neither owns nor counts. */
  private static final class Place extends Pointer {
    Place(long address, long bytes) {
      this.address = address;
      this.limit = bytes;
      this.capacity = bytes;
    }
  }
}
