package io.tacet.nd4j;

import io.tacet.Backend;
import io.tacet.memory.Buffers;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays of ND4J from arrays of Tacet and the other way: {@code view} shares memory, {@code copyOf}
 * copies it. Elements are FLOAT32, FLOAT64, INT32 or UINT16; shapes are kept, order is C.
 *
 * <p>With ND4J on the CPU views are of the host backend. With ND4J on a GPU {@link #view(Backend,
 * INDArray)} is over its device memory for the cuda backend; this has been compiled and has not
 * run.
 */
public final class Nd4jArrays {
  private Nd4jArrays() {}

  /**
   * An INDArray in the memory of an array on the host backend. The memory stays until the INDArray
   * and all views of it are no longer reachable, also when the array has been closed before.
   *
   * @throws IllegalStateException if the array is on another backend; {@link #copyOf(DeviceArray)}
   *     takes any
   */
  public static INDArray view(DeviceArray array) {
    return over(new BytePointer(array.buffer()), array);
  }

  /** An INDArray with a copy of an array on any backend, which takes one copy. */
  public static INDArray copyOf(DeviceArray array) {
    INDArray copy = Nd4j.createUninitialized(typeOf(array.type()), array.shape());
    Buffers.copy(array, bytes(copy));
    Nd4j.getAffinityManager().tagLocation(copy, Location.HOST);
    return copy;
  }

  /**
   * An array over the memory of an INDArray; the caller closes it. Using it after the INDArray has
   * been closed is an {@link IllegalStateException}; do not close it while an operation runs.
   *
   * @throws IllegalArgumentException if the INDArray is empty, not contiguous in C order or in a
   *     workspace, or the backend or element type is another one; {@link #copyOf(Backend,
   *     INDArray)} takes any
   * @throws IllegalStateException if the INDArray is closed
   */
  public static DeviceArray view(Backend backend, INDArray array) {
    DType type = typeOf(array);
    if (!isContiguous(array)) {
      throw new IllegalArgumentException(
          "array: expected a contiguous one in C order, got shape "
              + Arrays.toString(array.shape())
              + " with strides "
              + Arrays.toString(array.stride())
              + "; call .dup('c').");
    }
    if (array.isAttached()) {
      throw new IllegalArgumentException(
          "array: expected one with memory of its own, got one in a workspace, which uses its"
              + " memory again; call .detach().");
    }
    return backend.wrap(
        ForeignMemory.at(address(array), type, array.length(), array)
            .whileAlive(() -> !array.wasClosed()),
        array.shape());
  }

  /**
   * An array with the numbers of an INDArray, on any backend; the caller closes it. Takes one copy
   * of an array that is contiguous in C order, else two.
   *
   * @throws IllegalArgumentException if it is empty or its element type is another one
   * @throws IllegalStateException if it is closed
   */
  public static DeviceArray copyOf(Backend backend, INDArray array) {
    DType type = typeOf(array);
    INDArray source = isContiguous(array) ? array : array.dup('c');
    DeviceArray copy = backend.allocate(type, array.shape());
    try {
      Nd4j.getAffinityManager().ensureLocation(source, Location.HOST);
      Buffers.copy(bytes(source), copy);
      return copy;
    } catch (RuntimeException | Error e) {
      copy.close();
      throw e;
    }
  }

  /**
   * The memory of an array on the host or cuda backend as a pointer of JavaCPP, which keeps it; for
   * libraries that take one, such as {@code Nd4j.createBuffer(host, device, length, type)} on a
   * GPU.
   *
   * @throws IllegalStateException on the java backend, whose arrays have no address
   */
  public static Pointer pointer(DeviceArray array) {
    return new LentPointer(array.lend());
  }

  private static INDArray over(Pointer memory, DeviceArray array) {
    DataBuffer data = Nd4j.createBuffer(memory, array.length(), typeOf(array.type()));
    return Nd4j.create(data, array.shape());
  }

  private static DataType typeOf(DType type) {
    return switch (type) {
      case FLOAT32 -> DataType.FLOAT;
      case FLOAT64 -> DataType.DOUBLE;
      case INT32 -> DataType.INT32;
      case UINT16 -> DataType.UINT16;
    };
  }

  private static DType typeOf(INDArray array) {
    if (array.wasClosed()) {
      throw new IllegalStateException("array: expected an open one, got one that is closed.");
    }
    if (array.isEmpty()) {
      throw new IllegalArgumentException("array: expected elements, got an empty array.");
    }
    return switch (array.dataType()) {
      case FLOAT -> DType.FLOAT32;
      case DOUBLE -> DType.FLOAT64;
      case INT -> DType.INT32;
      case UINT16 -> DType.UINT16;
      default ->
          throw new IllegalArgumentException(
              "array: expected FLOAT, DOUBLE, INT or UINT16, got "
                  + array.dataType()
                  + "; call .castTo(DataType.FLOAT).");
    };
  }

  /** Whether the elements lie one after the other, the last extent fastest. */
  private static boolean isContiguous(INDArray array) {
    long[] shape = array.shape();
    long[] stride = array.stride();
    long expected = 1;
    for (int k = shape.length - 1; k >= 0; k--) {
      if (shape[k] != 1 && stride[k] != expected) {
        return false;
      }
      expected *= shape[k];
    }
    return true;
  }

  /** Of the first element, where ND4J computes. */
  private static long address(INDArray array) {
    if (Nd4j.getEnvironment().isCPU()) {
      return array.data().addressPointer().address();
    }
    if (array.isView()) {
      throw new IllegalArgumentException(
          "array: expected one with memory of its own on a GPU, got a view; call .dup('c').");
    }
    Nd4j.getAffinityManager().ensureLocation(array, Location.DEVICE);
    Nd4j.getExecutioner().commit();
    return array.data().platformAddress();
  }

  /** The memory of a contiguous array in the memory of the CPU. */
  private static ByteBuffer bytes(INDArray array) {
    long bytes = array.length() * array.dataType().width();
    return new BytePointer(array.data().addressPointer()).capacity(bytes).asByteBuffer();
  }
}
