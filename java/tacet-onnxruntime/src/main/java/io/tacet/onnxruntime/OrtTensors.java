package io.tacet.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.tacet.Backend;
import io.tacet.memory.Buffers;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Tensors of ONNX Runtime from arrays and arrays from tensors: {@code view} shares memory, {@code
 * copyOf} copies it. Elements are FLOAT32, FLOAT64 or INT32; shapes are kept.
 *
 * <p>ONNX Runtime shares memory of the CPU, so views are of the host backend; a session on a GPU
 * copies from and to it.
 */
public final class OrtTensors {
  private OrtTensors() {}

  /**
   * A tensor in the memory of an array on the host backend: as an input a session reads the array,
   * and as a pinned output of {@code OrtSession.run(inputs, pinnedOutputs)} it writes into it. The
   * caller closes the tensor; the memory stays until it is no longer reachable, also when the array
   * has been closed before.
   *
   * @throws IllegalArgumentException if ONNX Runtime has no such element type
   * @throws IllegalStateException if the array is on another backend; {@link
   *     #copyOf(OrtEnvironment, DeviceArray)} takes any
   */
  public static OnnxTensor view(OrtEnvironment environment, DeviceArray array) throws OrtException {
    requireType(array.type());
    return tensor(environment, array.buffer(), array);
  }

  /**
   * A tensor with a copy of an array on any backend, which takes one copy; the caller closes it.
   */
  public static OnnxTensor copyOf(OrtEnvironment environment, DeviceArray array)
      throws OrtException {
    requireType(array.type());
    int bytes = Math.toIntExact(array.length() * array.type().bytes());
    ByteBuffer copy = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    Buffers.copy(array, copy);
    return tensor(environment, copy, array);
  }

  /**
   * An array over the memory of a tensor that was made from a buffer, on the host backend; the
   * caller closes it. It may be used after the tensor has been closed, since the buffer stays.
   *
   * @throws IllegalArgumentException if the tensor was made by a session, which shows its memory to
   *     nobody (let it write into a {@link #view(OrtEnvironment, DeviceArray)}, or use {@link
   *     #copyOf(Backend, OnnxTensor)}), or the backend or element type is another one
   * @throws IllegalStateException if the tensor is closed
   */
  public static DeviceArray view(Backend backend, OnnxTensor tensor) {
    DType type = typeOf(tensor);
    Buffer buffer =
        bufferOf(tensor)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "tensor: expected one made from a buffer, got one that a session made and"
                            + " whose memory ONNX Runtime does not show; give"
                            + " OrtTensors.view(environment, array) to OrtSession.run as a pinned"
                            + " output, or use OrtTensors.copyOf(backend, tensor)."));
    return backend.wrap(memory(buffer, type), shape(tensor));
  }

  /**
   * An array with the numbers of a tensor, on any backend; the caller closes it. Takes one copy of
   * a tensor that was made from a buffer, two of one that a session made, of which ONNX Runtime
   * gives a copy.
   *
   * @throws IllegalArgumentException if the element type is another one
   * @throws IllegalStateException if the tensor is closed
   */
  public static DeviceArray copyOf(Backend backend, OnnxTensor tensor) {
    DType type = typeOf(tensor);
    Buffer buffer = bufferOf(tensor).orElseGet(tensor::getByteBuffer);
    DeviceArray array = backend.allocate(type, shape(tensor));
    try {
      Buffers.copy(buffer, array);
      return array;
    } catch (RuntimeException | Error e) {
      array.close();
      throw e;
    }
  }

  /** The buffer that a tensor was made from; empty if a session made it. */
  private static Optional<Buffer> bufferOf(OnnxTensor tensor) {
    try {
      return tensor.getBufferRef();
    } catch (NullPointerException e) {
      // What ONNX Runtime 1.22 does where there is none.
      return Optional.empty();
    }
  }

  private static ForeignMemory memory(Buffer buffer, DType type) {
    return buffer instanceof ByteBuffer bytes
        ? ForeignMemory.of(bytes, type)
        : ForeignMemory.of(buffer);
  }

  private static OnnxTensor tensor(OrtEnvironment environment, ByteBuffer bytes, DeviceArray array)
      throws OrtException {
    OnnxJavaType type =
        switch (array.type()) {
          case FLOAT32 -> OnnxJavaType.FLOAT;
          case FLOAT64 -> OnnxJavaType.DOUBLE;
          default -> OnnxJavaType.INT32;
        };
    return OnnxTensor.createTensor(environment, bytes, array.shape(), type);
  }

  private static long[] shape(OnnxTensor tensor) {
    return tensor.getInfo().getShape();
  }

  private static void requireType(DType type) {
    if (type == DType.UINT16) {
      throw new IllegalArgumentException(
          "array: expected FLOAT32, FLOAT64 or INT32, got UINT16, of which ONNX Runtime makes no"
              + " tensors in Java.");
    }
  }

  private static DType typeOf(OnnxTensor tensor) {
    if (tensor.isClosed()) {
      throw new IllegalStateException("tensor: expected an open one, got one that is closed.");
    }
    OnnxJavaType type = tensor.getInfo().type;
    return switch (type) {
      case FLOAT -> DType.FLOAT32;
      case DOUBLE -> DType.FLOAT64;
      case INT32 -> DType.INT32;
      default ->
          throw new IllegalArgumentException(
              "tensor: expected FLOAT, DOUBLE or INT32, got "
                  + type
                  + "; let the model end in a Cast.");
    };
  }
}
