package io.tacet.pytorch;

import io.tacet.Backend;
import io.tacet.memory.Buffers;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors of libtorch from arrays and arrays from tensors: {@code view} shares memory, {@code
 * copyOf} copies it. Elements are FLOAT32, FLOAT64 or INT32; shapes are kept.
 *
 * <p>Views are of the host backend for tensors on the CPU, and of the cuda backend for those on the
 * same GPU; the latter have been compiled and have not run. On a GPU Tacet and libtorch issue work
 * on streams of their own: call {@code Backend.synchronize()}, or wait for libtorch's stream,
 * before the other side uses the memory.
 */
public final class TorchTensors {
  private TorchTensors() {}

  /**
   * A tensor in the memory of an array on the host or cuda backend. The memory stays until libtorch
   * has released the last tensor over it, also when the array has been closed before.
   *
   * @throws IllegalArgumentException if Tacet and libtorch do not share the element type
   * @throws IllegalStateException if the array is on the java backend; {@link #copyOf(DeviceArray)}
   *     takes any
   */
  public static Tensor view(DeviceArray array) {
    DeviceType device = array.backend().name().equals("cuda") ? DeviceType.CUDA : DeviceType.CPU;
    TensorOptions options = options(array.type(), device);
    return LentMemory.tensor(array, options);
  }

  /** A tensor on the CPU with a copy of an array on any backend, which takes one copy. */
  public static Tensor copyOf(DeviceArray array) {
    Tensor copy =
        torch.empty(
            array.shape(), options(array.type(), DeviceType.CPU), new MemoryFormatOptional());
    Buffers.copy(array, bytes(copy));
    return copy;
  }

  /**
   * An array over the memory of a tensor: on the host backend for one on the CPU, on cuda for one
   * on that GPU; the caller closes it. It has a share in the memory, so the tensor may be closed
   * before.
   *
   * @throws IllegalArgumentException if the tensor is empty or not contiguous, or the backend or
   *     element type is another one; {@link #copyOf(Backend, Tensor)} takes any
   * @throws IllegalStateException if the tensor is closed
   */
  public static DeviceArray view(Backend backend, Tensor tensor) {
    DType type = typeOf(tensor);
    if (!tensor.is_contiguous()) {
      throw new IllegalArgumentException(
          "tensor: expected a contiguous one, got shape "
              + Arrays.toString(shape(tensor))
              + " with strides "
              + Arrays.toString(strides(tensor))
              + "; call .contiguous().");
    }
    if (tensor.is_cuda() != backend.name().equals("cuda")) {
      throw new IllegalArgumentException(
          "tensor: expected one on "
              + (tensor.is_cuda() ? "the CPU; call .cpu()" : "the GPU; call .cuda()")
              + " for the "
              + backend.name()
              + " backend.");
    }
    Tensor share = new Tensor(tensor);
    try {
      return backend.wrap(
          ForeignMemory.at(share.data_ptr().address(), type, share.numel(), share)
              .whenClosed(share::close),
          shape(share));
    } catch (RuntimeException | Error e) {
      share.close();
      throw e;
    }
  }

  /**
   * An array with the numbers of a tensor, on any backend; the caller closes it. Takes one copy of
   * a contiguous tensor on the CPU, else one more for each of the two.
   *
   * @throws IllegalArgumentException if the tensor is empty or its element type is another one
   * @throws IllegalStateException if the tensor is closed
   */
  public static DeviceArray copyOf(Backend backend, Tensor tensor) {
    DType type = typeOf(tensor);
    DeviceArray copy = backend.allocate(type, shape(tensor));
    try (Tensor onCpu = tensor.cpu();
        Tensor inOrder = onCpu.contiguous()) {
      Buffers.copy(bytes(inOrder), copy);
      return copy;
    } catch (RuntimeException | Error e) {
      copy.close();
      throw e;
    }
  }

  private static TensorOptions options(DType type, DeviceType device) {
    ScalarType scalar =
        switch (type) {
          case FLOAT32 -> ScalarType.Float;
          case FLOAT64 -> ScalarType.Double;
          case INT32 -> ScalarType.Int;
          case UINT16 ->
              throw new IllegalArgumentException(
                  "array: expected FLOAT32, FLOAT64 or INT32, got UINT16, in which libtorch does"
                      + " not compute.");
        };
    return new TensorOptions(scalar).device(new DeviceOptional(new Device(device)));
  }

  private static DType typeOf(Tensor tensor) {
    if (tensor.isNull() || !tensor.defined()) {
      throw new IllegalStateException("tensor: expected an open one, got one that is closed.");
    }
    if (tensor.numel() == 0 || tensor.is_sparse()) {
      throw new IllegalArgumentException(
          "tensor: expected a dense one with elements, got "
              + (tensor.is_sparse() ? "a sparse one; call .to_dense()." : "an empty one."));
    }
    return switch (tensor.scalar_type().intern()) {
      case Float -> DType.FLOAT32;
      case Double -> DType.FLOAT64;
      case Int -> DType.INT32;
      default ->
          throw new IllegalArgumentException(
              "tensor: expected Float, Double or Int, got "
                  + tensor.scalar_type().intern()
                  + "; call .to(ScalarType.Float).");
    };
  }

  private static long[] shape(Tensor tensor) {
    return tensor.shape();
  }

  private static long[] strides(Tensor tensor) {
    return LongStream.range(0, tensor.dim()).map(tensor::stride).toArray();
  }

  private static ByteBuffer bytes(Tensor tensor) {
    return new BytePointer(tensor.data_ptr()).capacity(tensor.nbytes()).asByteBuffer();
  }
}
