package io.tacet.onnx;

import com.google.protobuf.ByteString;
import io.tacet.onnx.internal.Onnx.TensorProto;
import io.tacet.onnx.internal.Onnx.TensorProto.DataLocation;
import io.tacet.onnx.internal.Onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbers of a model.
 *
 * @param name of the constant, also of one that was made of it by moving its numbers
 * @param dims extents, none for a single number
 * @param values row-major
 * @param whole whether they are of a type of whole numbers
 */
record Tensor(String name, int[] dims, double[] values, boolean whole) {
  /**
   * Reads one.
   *
   * @throws ModelProblem if it is outside the file, of another type, or contradicts itself, or a
   *     number is not finite
   */
  static Tensor of(String name, TensorProto proto) throws ModelProblem {
    String place = "the constant '" + name + "'";
    if (proto.getDataLocation() == DataLocation.EXTERNAL) {
      throw new ModelProblem(
          place,
          "numbers in the model itself",
          "external data",
          "Save the model with all its data in one file.");
    }
    DataType type = DataType.forNumber(proto.getDataType());
    int[] dims = dims(place, proto);
    int count = count(place, dims);
    double[] values = values(place, proto, type, count);
    for (int k = 0; k < values.length; k++) {
      if (!Double.isFinite(values[k])) {
        throw new ModelProblem(
            place,
            "finite numbers",
            values[k] + " at index " + k,
            "Check the training that wrote it.");
      }
    }
    return new Tensor(name, dims, values, type == DataType.INT64 || type == DataType.INT32);
  }

  private static int[] dims(String place, TensorProto proto) throws ModelProblem {
    int[] dims = new int[proto.getDimsCount()];
    for (int d = 0; d < dims.length; d++) {
      long size = proto.getDims(d);
      if (size < 0 || size > Integer.MAX_VALUE) {
        throw new ModelProblem(
            place, "dimensions from 0 to 2147483647", proto.getDimsList().toString());
      }
      dims[d] = (int) size;
    }
    return dims;
  }

  private static int count(String place, int[] dims) throws ModelProblem {
    long count = 1;
    for (int dim : dims) {
      count *= dim;
      if (count > Integer.MAX_VALUE) {
        throw new ModelProblem(place, "at most 2147483647 numbers", Arrays.toString(dims));
      }
    }
    return (int) count;
  }

  private static double[] values(String place, TensorProto proto, DataType type, int count)
      throws ModelProblem {
    if (type == null) {
      throw new ModelProblem(place, "a type of numbers", "the type " + proto.getDataType());
    }
    int bytes =
        switch (type) {
          case FLOAT, INT32 -> 4;
          case DOUBLE, INT64 -> 8;
          default ->
              throw new ModelProblem(
                  place,
                  "numbers of FLOAT, DOUBLE, INT32 or INT64",
                  type.toString(),
                  "Convert the model to float32.");
        };
    int found =
        proto.getRawData().isEmpty()
            ? switch (type) {
              case FLOAT -> proto.getFloatDataCount();
              case DOUBLE -> proto.getDoubleDataCount();
              case INT32 -> proto.getInt32DataCount();
              default -> proto.getInt64DataCount();
            }
            : proto.getRawData().size();
    long expected = proto.getRawData().isEmpty() ? count : (long) bytes * count;
    if (found != expected) {
      throw new ModelProblem(
          place,
          expected + (proto.getRawData().isEmpty() ? " numbers" : " bytes"),
          Integer.toString(found),
          "The file is damaged; write it again.");
    }
    double[] values = new double[count];
    if (proto.getRawData().isEmpty()) {
      Arrays.setAll(values, k -> listed(proto, type, k));
    } else {
      fill(values, proto.getRawData(), type);
    }
    return values;
  }

  private static double listed(TensorProto proto, DataType type, int k) {
    return switch (type) {
      case FLOAT -> proto.getFloatData(k);
      case DOUBLE -> proto.getDoubleData(k);
      case INT32 -> proto.getInt32Data(k);
      default -> proto.getInt64Data(k);
    };
  }

  private static void fill(double[] values, ByteString raw, DataType type) {
    ByteBuffer bytes = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    for (int k = 0; k < values.length; k++) {
      values[k] =
          switch (type) {
            case FLOAT -> bytes.getFloat();
            case DOUBLE -> bytes.getDouble();
            case INT32 -> bytes.getInt();
            default -> bytes.getLong();
          };
    }
  }

  /** A vector of whole numbers that is no constant of the model. */
  static Tensor ofWhole(String name, int[] dims, double... values) {
    return new Tensor(name, dims, values, true);
  }

  /** Number of dimensions. */
  int rank() {
    return dims.length;
  }

  /** Whether all are 0. */
  boolean isZero() {
    return Arrays.stream(values).allMatch(value -> value == 0);
  }

  /** Columns as rows, of a matrix. */
  Tensor transposed() {
    return new Tensor(
        name, new int[] {dims[1], dims[0]}, Matrices.transposed(values, dims[0], dims[1]), whole);
  }

  /** The same numbers in other extents. */
  Tensor reshaped(int... other) {
    return new Tensor(name, other, values, whole);
  }

  /** Dimensions for messages. */
  String shape() {
    return Arrays.toString(dims);
  }
}
