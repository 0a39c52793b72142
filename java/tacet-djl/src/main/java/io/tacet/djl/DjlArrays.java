package io.tacet.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tacet.Backend;
import io.tacet.memory.Buffers;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Arrays of DJL from arrays of Tacet and the other way: {@code view} shares memory, {@code copyOf}
 * copies it. Elements are FLOAT32, FLOAT64 or INT32; shapes are kept.
 *
 * <p>DJL shows memory of the CPU only, as direct buffers of up to 2 GB, so views are of the host
 * backend.
 */
public final class DjlArrays {
  private DjlArrays() {}

  /**
   * An NDArray in the memory of an array on the host backend, where the engine computes in direct
   * buffers, as PyTorch does; other engines copy. The manager closes it; the memory stays until
   * then, also when the array has been closed before.
   *
   * @throws IllegalArgumentException if DJL has no such element type
   * @throws IllegalStateException if the array is on another backend; {@link #copyOf(NDManager,
   *     DeviceArray)} takes any
   */
  public static NDArray view(NDManager manager, DeviceArray array) {
    DataType type = typeOf(array.type());
    return manager.create(array.buffer(), new Shape(array.shape()), type);
  }

  /** An NDArray with a copy of an array on any backend, which takes one copy; of the manager. */
  public static NDArray copyOf(NDManager manager, DeviceArray array) {
    DataType type = typeOf(array.type());
    int bytes = Math.toIntExact(array.length() * array.type().bytes());
    ByteBuffer copy = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    Buffers.copy(array, copy);
    return manager.create(copy, new Shape(array.shape()), type);
  }

  /**
   * An array over the memory of an NDArray, on the host backend; the caller closes it. Using it
   * after the NDArray or its manager has been closed is an {@link IllegalStateException}; do not
   * close them while an operation runs.
   *
   * @throws IllegalArgumentException if the NDArray is sparse, not contiguous or on a GPU, if its
   *     engine gives copies, or the backend or element type is another one; {@link #copyOf(Backend,
   *     NDArray)} takes any
   */
  public static DeviceArray view(Backend backend, NDArray array) {
    DType type = typeOf(array);
    if (array.isSparse() || array.getDevice().isGpu()) {
      throw new IllegalArgumentException(
          "array: expected a dense one in memory of the CPU, got "
              + (array.isSparse() ? "a sparse one" : "one on " + array.getDevice())
              + "; use DjlArrays.copyOf(backend, array).");
    }
    NDManager scope = scopeOf(array);
    try {
      DeviceArray view = over(backend, array, type);
      try (DeviceArray again = over(backend, array, type)) {
        // An engine that has to copy puts each copy elsewhere.
        if (again.storage().address() == view.storage().address()) {
          return view;
        }
      } catch (RuntimeException | Error e) {
        view.close();
        throw e;
      }
      view.close();
    } finally {
      scope.close();
    }
    throw new IllegalArgumentException(
        "array: expected a contiguous one, in row-major order, of an engine that shows its memory,"
            + " got a copy of "
            + array.getShape()
            + "; use DjlArrays.copyOf(backend, array).");
  }

  /**
   * An array with the numbers of an NDArray, on any backend; the caller closes it. Takes one copy
   * of an array in row-major order on the CPU, else two.
   *
   * @throws IllegalArgumentException if the element type is another one
   */
  public static DeviceArray copyOf(Backend backend, NDArray array) {
    DeviceArray copy = backend.allocate(typeOf(array), shape(array));
    try {
      copy(array, copy);
      return copy;
    } catch (RuntimeException | Error e) {
      copy.close();
      throw e;
    }
  }

  /** Copies an NDArray into an array of its type and length. */
  static void copy(NDArray source, DeviceArray target) {
    NDManager scope = scopeOf(source);
    try {
      Buffers.copy(bytes(source), target);
    } finally {
      scope.close();
    }
  }

  /** The element type of DJL. */
  static DataType typeOf(DType type) {
    return switch (type) {
      case FLOAT32 -> DataType.FLOAT32;
      case FLOAT64 -> DataType.FLOAT64;
      case INT32 -> DataType.INT32;
      case UINT16 ->
          throw new IllegalArgumentException(
              "array: expected FLOAT32, FLOAT64 or INT32, got UINT16, in which engines of DJL do"
                  + " not compute.");
    };
  }

  private static DType typeOf(NDArray array) {
    if (array.isReleased()) {
      throw new IllegalStateException("array: expected an open one, got one that is closed.");
    }
    return switch (array.getDataType()) {
      case FLOAT32 -> DType.FLOAT32;
      case FLOAT64 -> DType.FLOAT64;
      case INT32 -> DType.INT32;
      default ->
          throw new IllegalArgumentException(
              "array: expected FLOAT32, FLOAT64 or INT32, got "
                  + array.getDataType()
                  + "; call .toType(DataType.FLOAT32, false).");
    };
  }

  /**
   * Owns what the engine copies for a buffer of the array, and gives the array back when closed.
   */
  private static NDManager scopeOf(NDArray array) {
    NDManager scope = array.getManager().newSubManager();
    array.tempAttach(scope);
    return scope;
  }

  private static DeviceArray over(Backend backend, NDArray array, DType type) {
    return backend.wrap(
        ForeignMemory.of(bytes(array), type).whileAlive(() -> !array.isReleased()), shape(array));
  }

  private static ByteBuffer bytes(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder());
  }

  private static long[] shape(NDArray array) {
    return array.getShape().getShape();
  }
}
