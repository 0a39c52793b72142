package io.tacet.memory;

import io.tacet.spi.Storage;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;

/**
 * Copies between arrays and buffers, in one copy on the java and host backends and through a part
 * of the Java heap to a GPU. Buffers may be direct or not and in either byte order; their positions
 * stay where they are. An array without any copy is {@link io.tacet.Backend#wrap}.
 */
public final class Buffers {
  /** Elements that go through the Java heap at a time. */
  private static final int PART = 1 << 20;

  private Buffers() {}

  /**
   * Copies what remains of a buffer into an array.
   *
   * @param source a {@code FloatBuffer} for FLOAT32, {@code DoubleBuffer} for FLOAT64, {@code
   *     IntBuffer} for INT32, {@code ShortBuffer} for UINT16, or a {@code ByteBuffer} with the
   *     bytes of such elements
   * @throws IllegalArgumentException if it has more or fewer elements than the array, or others
   */
  public static void copy(Buffer source, DeviceArray target) {
    Buffer from = check("source", source, target);
    Storage storage = target.storage();
    Buffer direct = direct(storage, target.type());
    if (direct != null) {
      transfer(from, direct);
      return;
    }
    forEachPart(
        from,
        target.type(),
        (at, part, buffer) -> {
          transfer(part, buffer);
          storage.write(at, buffer.array(), 0, buffer.limit());
        });
  }

  /**
   * Copies an array into what remains of a buffer.
   *
   * @param target as the source of {@link #copy(Buffer, DeviceArray)}
   * @throws IllegalArgumentException if it has room for more or fewer elements, or for others, or
   *     is read-only
   */
  public static void copy(DeviceArray source, Buffer target) {
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("target: expected one to write to, got a read-only one.");
    }
    Buffer to = check("target", target, source);
    Storage storage = source.storage();
    Buffer direct = direct(storage, source.type());
    if (direct != null) {
      transfer(direct, to);
      return;
    }
    forEachPart(
        to,
        source.type(),
        (at, part, buffer) -> {
          storage.read(at, buffer.array(), 0, buffer.limit());
          transfer(buffer, part);
        });
  }

  /** Bytes of a buffer as elements, from its position to its limit, in its byte order. */
  static Buffer typed(ByteBuffer bytes, DType type) {
    return switch (type) {
      case FLOAT32 -> bytes.asFloatBuffer();
      case FLOAT64 -> bytes.asDoubleBuffer();
      case INT32 -> bytes.asIntBuffer();
      case UINT16 -> bytes.asShortBuffer();
    };
  }

  /** Reads an element, which throws if the memory of a segment has been closed. */
  static void touch(Buffer buffer) {
    if (buffer instanceof FloatBuffer floats) {
      floats.get(0);
    } else if (buffer instanceof DoubleBuffer doubles) {
      doubles.get(0);
    } else if (buffer instanceof IntBuffer ints) {
      ints.get(0);
    } else {
      ((ShortBuffer) buffer).get(0);
    }
  }

  /** What is done with the elements of a buffer from one of an array on. */
  private interface Part {
    /**
     * @param part of the buffer
     * @param onHeap as many elements over a Java array
     */
    void pass(long at, Buffer part, Buffer onHeap);
  }

  private static void forEachPart(Buffer all, DType type, Part work) {
    int length = all.remaining();
    Buffer onHeap = over(newArray(type, Math.min(PART, length)));
    for (int at = 0; at < length; at += PART) {
      int count = Math.min(PART, length - at);
      work.pass(at, all.slice(at, count), onHeap.clear().limit(count));
    }
  }

  private static Object newArray(DType type, int length) {
    return switch (type) {
      case FLOAT32 -> new float[length];
      case FLOAT64 -> new double[length];
      case INT32 -> new int[length];
      case UINT16 -> new short[length];
    };
  }

  /** The memory itself as a buffer; null where the CPU does not see it. */
  private static Buffer direct(Storage storage, DType type) {
    if (storage.heap() != null) {
      return over(storage.heap());
    }
    ByteBuffer bytes = storage.buffer();
    return bytes == null ? null : typed(bytes, type);
  }

  private static Buffer over(Object array) {
    if (array instanceof float[] floats) {
      return FloatBuffer.wrap(floats);
    }
    if (array instanceof double[] doubles) {
      return DoubleBuffer.wrap(doubles);
    }
    return array instanceof int[] ints ? IntBuffer.wrap(ints) : ShortBuffer.wrap((short[]) array);
  }

  /** A view of what remains, of the elements of the array. */
  private static Buffer check(String name, Buffer buffer, DeviceArray array) {
    Buffer elements =
        buffer instanceof ByteBuffer bytes && bytes.remaining() % array.type().bytes() == 0
            ? typed(bytes, array.type())
            : buffer;
    Class<?> expected = over(newArray(array.type(), 0)).getClass().getSuperclass();
    if (!expected.isInstance(elements) || elements.remaining() != array.length()) {
      throw new IllegalArgumentException(
          name
              + ": expected a "
              + expected.getSimpleName()
              + " of "
              + array.length()
              + " elements, or a ByteBuffer of "
              + array.length() * array.type().bytes()
              + " bytes, for "
              + array
              + ", got a "
              + ForeignMemory.kind(buffer)
              + " of "
              + buffer.remaining()
              + ".");
    }
    return elements.slice();
  }

  private static void transfer(Buffer from, Buffer to) {
    if (from instanceof FloatBuffer floats) {
      ((FloatBuffer) to).put(floats);
    } else if (from instanceof DoubleBuffer doubles) {
      ((DoubleBuffer) to).put(doubles);
    } else if (from instanceof IntBuffer ints) {
      ((IntBuffer) to).put(ints);
    } else {
      ((ShortBuffer) to).put((ShortBuffer) from);
    }
  }
}
