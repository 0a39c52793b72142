package io.tacet.memory;

import io.tacet.Backend;
import io.tacet.spi.Storage;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * A typed array with a shape in the memory of one backend, row-major and zeroed when allocated.
 *
 * <p>Ownership: whoever allocates it closes it, once. Using a closed array, and closing it twice,
 * throw {@link IllegalStateException}. An array that is never closed is released by a cleaner and
 * counted by {@link Leaks}. Copies from and to Java arrays are synchronous. Not thread-safe.
 */
public final class DeviceArray implements AutoCloseable {
  /** Elements that are rounded at a time. */
  private static final int PART = 1 << 20;

  private final Backend backend;
  private final DType type;
  private final long[] shape;
  private final long length;
  private final Release release;
  private final Cleaner.Cleanable cleanable;

  /**
   * @param bytes that count as allocated by the backend
   */
  private DeviceArray(
      Backend backend, DType type, long[] shape, long length, Storage storage, long bytes) {
    this.backend = backend;
    this.type = type;
    this.shape = shape;
    this.length = length;
    this.release =
        new Release(
            storage,
            backend.arrayBytes(),
            bytes,
            "A " + type + Arrays.toString(shape) + " array on " + backend.name(),
            Leaks.TRACE ? new Throwable("allocated here") : null);
    this.cleanable = Release.CLEANER.register(this, release);
    Leaks.opened();
    backend.arrayBytes().opened(bytes);
  }

  /** See {@link Backend#allocate}. */
  public static DeviceArray allocate(Backend backend, DType type, long... shape) {
    return over(backend, type, length -> backend.allocateStorage(type, length), shape);
  }

  /**
   * An array over memory that a backend gets in a way of its own.
   *
   * @param storage gives it from the number of elements, once the shape has been checked
   */
  public static DeviceArray over(
      Backend backend, DType type, LongFunction<Storage> storage, long... shape) {
    long length = length(backend, type, shape);
    return new DeviceArray(
        backend, type, shape.clone(), length, storage.apply(length), length * type.bytes());
  }

  /** See {@link Backend#allocateTogether}: each with memory of its own. */
  public static List<DeviceArray> allocateEach(
      Backend backend, List<DType> types, long[]... shapes) {
    checkTypes(types, shapes);
    List<DeviceArray> made = new ArrayList<>();
    try {
      for (int k = 0; k < shapes.length; k++) {
        made.add(backend.allocate(types.get(k), shapes[k]));
      }
      return made;
    } catch (RuntimeException | Error e) {
      made.forEach(DeviceArray::close);
      throw e;
    }
  }

  private static void checkTypes(List<DType> types, long[]... shapes) {
    if (types.size() != shapes.length) {
      throw new IllegalArgumentException(
          "types: expected one for each of "
              + shapes.length
              + " shapes, got "
              + types.size()
              + ".");
    }
  }

  /**
   * Arrays over memory that a backend gets for all of them.
   *
   * @param storages gives it from the numbers of elements, once the shapes have been checked
   */
  public static List<DeviceArray> over(
      Backend backend,
      List<DType> types,
      Function<long[], List<? extends Storage>> storages,
      long[]... shapes) {
    checkTypes(types, shapes);
    long[] lengths = new long[shapes.length];
    Arrays.setAll(lengths, k -> length(backend, types.get(k), shapes[k]));
    List<? extends Storage> parts = storages.apply(lengths);
    List<DeviceArray> arrays = new ArrayList<>();
    for (int k = 0; k < shapes.length; k++) {
      DType type = types.get(k);
      long bytes = lengths[k] * type.bytes();
      arrays.add(
          new DeviceArray(backend, type, shapes[k].clone(), lengths[k], parts.get(k), bytes));
    }
    return arrays;
  }

  /** See {@link Backend#wrap}. */
  public static DeviceArray wrap(Backend backend, ForeignMemory memory, long... shape) {
    long length = length(backend, memory.type(), shape);
    if (length != memory.length()) {
      throw new IllegalArgumentException(
          "shape: expected extents of "
              + memory.length()
              + " elements, as many as the memory has, got "
              + Arrays.toString(shape)
              + ".");
    }
    return new DeviceArray(
        backend, memory.type(), shape.clone(), length, backend.wrapStorage(memory), 0);
  }

  private static long length(Backend backend, DType type, long... shape) {
    if (!backend.supports(type)) {
      throw new IllegalArgumentException(
          "type: the " + backend.name() + " backend does not support " + type + ".");
    }
    long length = 1;
    for (long extent : shape) {
      if (extent <= 0) {
        throw new IllegalArgumentException(
            "shape: expected positive extents, got " + Arrays.toString(shape) + ".");
      }
      length = Math.multiplyExact(length, extent);
    }
    return length;
  }

  public Backend backend() {
    return backend;
  }

  public DType type() {
    return type;
  }

  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public long length() {
    return length;
  }

  /** Native address of the first element, for kernels and interop. */
  public long address() {
    long address = storage().address();
    if (address == 0) {
      throw new IllegalStateException(
          "An array on the " + backend.name() + " backend has no native address; use its values.");
    }
    return address;
  }

  /** The memory behind this array, for backends. */
  public Storage storage() {
    return release.storage();
  }

  /**
   * The memory itself as a direct buffer in the byte order of this machine, without a copy, on the
   * {@code host} backend. The memory is kept until no such buffer, or view of it, is reachable any
   * more, also after this array has been closed.
   *
   * @throws IllegalStateException if the memory is on the Java heap or on a GPU, or has more than 2
   *     GB; copy it by {@link Buffers#copy(DeviceArray, java.nio.Buffer)} then
   */
  public ByteBuffer buffer() {
    ByteBuffer buffer = storage().buffer();
    if (buffer == null) {
      throw new IllegalStateException(
          "An array on the "
              + backend.name()
              + " backend is no memory that a direct buffer can show; copy it by Buffers.copy, or"
              + " compute on the host backend.");
    }
    release.lend();
    Release.CLEANER.register(buffer, release::giveBack);
    return buffer;
  }

  /**
   * The memory itself for a library that takes an address; the caller closes what it gets when that
   * library has done with it. Until then the memory stays, also when this array has been closed.
   *
   * @throws IllegalStateException on the java backend, whose arrays have no address
   */
  public Loan lend() {
    return new Loan(address(), length * type.bytes(), release);
  }

  /** Copies all elements from a Java array of the same length; FLOAT32 only. */
  public DeviceArray copyFrom(float[] values) {
    check(DType.FLOAT32, values.length);
    storage().write(0, values, 0, values.length);
    return this;
  }

  /** Copies all elements; FLOAT64 as they are, FLOAT32 rounded to nearest. */
  public DeviceArray copyFrom(double[] values) {
    if (type == DType.FLOAT32) {
      check(DType.FLOAT32, values.length);
      // In parts, so that a large array is not in memory once more.
      for (long at = 0; at < length; at += PART) {
        float[] part = narrow(values, (int) at, (int) Math.min(PART, length - at));
        storage().write(at, part, 0, part.length);
      }
      return this;
    }
    check(DType.FLOAT64, values.length);
    storage().write(0, values, 0, values.length);
    return this;
  }

  /** Copies all elements; INT32 as they are, UINT16 where they are in 0 .. 65535. */
  public DeviceArray copyFrom(int[] values) {
    if (type == DType.UINT16) {
      return copyFrom(narrow(values));
    }
    check(DType.INT32, values.length);
    storage().write(0, values, 0, values.length);
    return this;
  }

  /** Copies all elements; UINT16 only. */
  public DeviceArray copyFrom(short[] values) {
    check(DType.UINT16, values.length);
    storage().write(0, values, 0, values.length);
    return this;
  }

  /** Copies the first {@code count} elements of {@code values} to the start of this array. */
  public DeviceArray copyFrom(int[] values, int count) {
    checkPart(DType.INT32, values.length, count);
    storage().write(0, values, 0, count);
    return this;
  }

  /** Copies the first {@code count} elements of {@code values} to the start of this array. */
  public DeviceArray copyFrom(double[] values, int count) {
    if (type == DType.FLOAT32) {
      checkPart(DType.FLOAT32, values.length, count);
      storage().write(0, narrow(values, 0, count), 0, count);
    } else {
      checkPart(DType.FLOAT64, values.length, count);
      storage().write(0, values, 0, count);
    }
    return this;
  }

  /** A Java array of the type and length of this one, from one as {@link #copyFrom} takes it. */
  Object elements(Object values) {
    if (values instanceof double[] wide) {
      check(type == DType.FLOAT32 ? type : DType.FLOAT64, wide.length);
      return type == DType.FLOAT32 ? narrow(wide, 0, wide.length) : wide;
    }
    if (values instanceof int[] whole) {
      check(type == DType.UINT16 ? type : DType.INT32, whole.length);
      return type == DType.UINT16 ? narrow(whole) : whole;
    }
    if (values instanceof float[] single) {
      check(DType.FLOAT32, single.length);
    } else if (values instanceof short[] narrow) {
      check(DType.UINT16, narrow.length);
    } else {
      throw new IllegalArgumentException(
          "values: expected float[], double[], int[] or short[], got " + values + ".");
    }
    return values;
  }

  /** A copy of the elements; FLOAT32 only. */
  public float[] toFloats() {
    check(DType.FLOAT32, length);
    float[] values = new float[javaLength()];
    storage().read(0, values, 0, values.length);
    return values;
  }

  /** A copy of the elements; FLOAT64 as they are, FLOAT32 widened. */
  public double[] toDoubles() {
    if (type == DType.FLOAT32) {
      return widened(toFloats());
    }
    check(DType.FLOAT64, length);
    double[] values = new double[javaLength()];
    storage().read(0, values, 0, values.length);
    return values;
  }

  static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** A Java array for a copy of all elements. */
  Object newHeapArray() {
    return switch (type) {
      case FLOAT32 -> new float[javaLength()];
      case FLOAT64 -> new double[javaLength()];
      case INT32 -> new int[javaLength()];
      case UINT16 -> new short[javaLength()];
    };
  }

  /** A copy of the elements; INT32 as they are, UINT16 widened. */
  public int[] toInts() {
    if (type == DType.UINT16) {
      short[] narrow = toShorts();
      int[] wide = new int[narrow.length];
      for (int i = 0; i < wide.length; i++) {
        wide[i] = Short.toUnsignedInt(narrow[i]);
      }
      return wide;
    }
    check(DType.INT32, length);
    int[] values = new int[javaLength()];
    storage().read(0, values, 0, values.length);
    return values;
  }

  /** A copy of the elements; UINT16 only. */
  public short[] toShorts() {
    check(DType.UINT16, length);
    short[] values = new short[javaLength()];
    storage().read(0, values, 0, values.length);
    return values;
  }

  /** Sets every element to 0. */
  public DeviceArray zero() {
    storage().zero();
    return this;
  }

  public boolean isClosed() {
    return release.isClosed();
  }

  /**
   * Releases the memory, once nobody to whom it was lent has it any more.
   *
   * @throws IllegalStateException if it is closed already
   */
  @Override
  public void close() {
    release.expect();
    cleanable.clean();
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape) + " on " + backend.name() + (isClosed() ? ", closed" : "");
  }

  private void check(DType expected, long count) {
    if (type != expected || count != length) {
      throw new IllegalArgumentException(
          "values: expected "
              + length
              + " elements of "
              + type
              + ", got "
              + count
              + " of "
              + expected
              + ".");
    }
  }

  private void checkPart(DType expected, int available, int count) {
    if (type != expected || count < 0 || count > length || count > available) {
      throw new IllegalArgumentException(
          "count: expected at most min("
              + length
              + ", "
              + available
              + ") elements of "
              + type
              + ", got "
              + count
              + " of "
              + expected
              + ".");
    }
  }

  private int javaLength() {
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "An array of " + length + " elements does not fit a Java array; copy it in parts.");
    }
    return (int) length;
  }

  private static short[] narrow(int[] values) {
    short[] shorts = new short[values.length];
    for (int i = 0; i < shorts.length; i++) {
      if (values[i] != (values[i] & 0xffff)) {
        throw new IllegalArgumentException(
            "values: expected 0 to 65535 for UINT16, got " + values[i] + " at index " + i + ".");
      }
      shorts[i] = (short) values[i];
    }
    return shorts;
  }

  private static float[] narrow(double[] values, int from, int count) {
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = (float) values[from + i];
    }
    return floats;
  }
}
