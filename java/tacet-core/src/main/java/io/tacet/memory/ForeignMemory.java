package io.tacet.memory;

import java.lang.reflect.Array;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * Memory of another library, over which {@link io.tacet.Backend#wrap} lays an array: a buffer
 * outside the Java heap, an address, or a whole Java array.
 *
 * <p>A buffer is referenced as long as the array is; so is the owner of an address. Where the other
 * library can free memory that is still referenced, {@link #whileAlive} makes the use of it an
 * exception. A buffer of a {@code MemorySegment} (JDK 22 and later) needs no such question: a
 * closed arena is noticed.
 */
public final class ForeignMemory {
  private final DType type;
  private final long length;

  /** Begins at the first element; null for an address. */
  private final Buffer buffer;

  private final long address;
  private final Object owner;
  private final BooleanSupplier alive;
  private final Runnable end;

  private ForeignMemory(
      DType type,
      long length,
      Buffer buffer,
      long address,
      Object owner,
      BooleanSupplier alive,
      Runnable end) {
    this.type = type;
    this.length = length;
    this.buffer = buffer;
    this.address = address;
    this.owner = owner;
    this.alive = alive;
    this.end = end;
  }

  /**
   * The elements of a buffer from its position to its limit: FLOAT32 of a {@code FloatBuffer},
   * FLOAT64 of a {@code DoubleBuffer}, INT32 of an {@code IntBuffer}, UINT16 of a {@code
   * ShortBuffer}. {@code FloatBuffer.wrap(array)} is a Java array, for the java backend.
   *
   * @throws IllegalArgumentException if the buffer is empty, read-only, of another kind, or not in
   *     the byte order of this machine
   */
  public static ForeignMemory of(Buffer buffer) {
    Objects.requireNonNull(buffer, "buffer");
    DType type = typeOf(buffer);
    if (buffer.isReadOnly()) {
      throw new IllegalArgumentException(
          "buffer: expected one that can be written, got a read-only one; copy it by"
              + " Buffers.copy.");
    }
    if (orderOf(buffer) != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException(
          "buffer: expected "
              + ByteOrder.nativeOrder()
              + ", the byte order of this machine, got "
              + orderOf(buffer)
              + "; call .order(ByteOrder.nativeOrder()) on the ByteBuffer if its bytes are in that"
              + " order, else copy it by Buffers.copy.");
    }
    if (!buffer.hasRemaining()) {
      throw new IllegalArgumentException("buffer: expected elements, got none remaining.");
    }
    return new ForeignMemory(
        type, buffer.remaining(), buffer.slice(), 0, null, () -> true, () -> {});
  }

  /**
   * The bytes of a direct buffer from its position to its limit.
   *
   * @param type of the elements
   * @throws IllegalArgumentException as for other buffers, and if the bytes are not those of whole
   *     elements
   */
  public static ForeignMemory of(ByteBuffer bytes, DType type) {
    if (bytes.remaining() % type.bytes() != 0) {
      throw new IllegalArgumentException(
          "bytes: expected a multiple of "
              + type.bytes()
              + " for "
              + type
              + ", got "
              + bytes.remaining()
              + ".");
    }
    return of(Buffers.typed(bytes, type));
  }

  /**
   * Memory at an address.
   *
   * @param address of the first element, aligned to the type: in memory of the GPU for {@code
   *     cuda}, of this process for {@code host}
   * @param length number of elements, at least 1
   * @param owner kept from being collected as long as the array is open; null if the caller sees to
   *     that
   * @throws IllegalArgumentException if the address is null or not aligned
   */
  public static ForeignMemory at(long address, DType type, long length, Object owner) {
    if (address == 0) {
      throw new IllegalArgumentException("address: expected that of memory, got null.");
    }
    if (length < 1) {
      throw new IllegalArgumentException("length: expected at least 1, got " + length + ".");
    }
    checkAligned(address, type);
    return new ForeignMemory(type, length, null, address, owner, () -> true, () -> {});
  }

  /**
   * The same memory, with a question to its owner. It is asked whenever the memory is about to be
   * used, and if the answer is no, the use is an {@link IllegalStateException}. It cannot save an
   * operation that is running.
   */
  public ForeignMemory whileAlive(BooleanSupplier open) {
    return new ForeignMemory(type, length, buffer, address, owner, open, end);
  }

  /**
   * The same memory, with what is to be done once the array over it is closed, or found forgotten,
   * and nobody to whom it was lent has it any more: for an owner that is to be told.
   */
  public ForeignMemory whenClosed(Runnable action) {
    return new ForeignMemory(type, length, buffer, address, owner, alive, action);
  }

  /** Element type. */
  public DType type() {
    return type;
  }

  /** Number of elements. */
  public long length() {
    return length;
  }

  /** For backends: the buffer, which begins at the first element; null for an address. */
  public Buffer buffer() {
    return buffer;
  }

  /** For backends: the address; 0 for a buffer. */
  public long address() {
    return address;
  }

  /** For backends: the Java array that this is all of; null where there is no such array. */
  public Object array() {
    return buffer != null
            && buffer.hasArray()
            && buffer.arrayOffset() == 0
            && Array.getLength(buffer.array()) == length
        ? buffer.array()
        : null;
  }

  /**
   * For backends, to call before each use.
   *
   * @throws IllegalStateException if the owner has closed the memory
   */
  public void checkAlive() {
    if (!alive.getAsBoolean()) {
      throw new IllegalStateException(
          "The memory of an array that lies over "
              + (owner == null ? "memory of another library" : owner.getClass().getSimpleName())
              + " has been closed by its owner.");
    }
    if (buffer != null && buffer.isDirect()) {
      Buffers.touch(buffer);
    }
  }

  /** For backends, to call once, when the memory is used no more. */
  public void end() {
    end.run();
  }

  /**
   * For backends: refuses an address that is no place for an element.
   *
   * @throws IllegalArgumentException if it is not a multiple of the size of an element
   */
  public static void checkAligned(long address, DType type) {
    if (address % type.bytes() != 0) {
      throw new IllegalArgumentException(
          "address: expected a multiple of "
              + type.bytes()
              + " for "
              + type
              + ", got "
              + address
              + ".");
    }
  }

  private static DType typeOf(Buffer buffer) {
    if (buffer instanceof FloatBuffer) {
      return DType.FLOAT32;
    }
    if (buffer instanceof DoubleBuffer) {
      return DType.FLOAT64;
    }
    if (buffer instanceof IntBuffer) {
      return DType.INT32;
    }
    if (buffer instanceof ShortBuffer) {
      return DType.UINT16;
    }
    throw new IllegalArgumentException(
        "buffer: expected a FloatBuffer, DoubleBuffer, IntBuffer or ShortBuffer, or a ByteBuffer"
            + " with a type, got a "
            + kind(buffer)
            + ".");
  }

  /** The public class of a buffer, for messages. */
  static String kind(Buffer buffer) {
    Class<?> type = buffer.getClass();
    while (type.getSuperclass() != Buffer.class) {
      type = type.getSuperclass();
    }
    return type.getSimpleName();
  }

  private static ByteOrder orderOf(Buffer buffer) {
    if (buffer instanceof FloatBuffer floats) {
      return floats.order();
    }
    if (buffer instanceof DoubleBuffer doubles) {
      return doubles.order();
    }
    return buffer instanceof IntBuffer ints ? ints.order() : ((ShortBuffer) buffer).order();
  }

  @Override
  public String toString() {
    String place =
        buffer == null
            ? "an address"
            : buffer.isDirect() ? "a direct buffer" : "a buffer on the Java heap";
    return length + " elements of " + type + " at " + place;
  }
}
