package io.tacet.onnx;

import io.tacet.onnx.internal.Onnx.TensorProto.DataType;
import io.tacet.onnx.internal.Onnx.TypeProto;
import java.util.Arrays;
import java.util.List;

/**
 * Numbers of steps of the samples of a batch: {@code sequence_lens} of recurrent nodes.
 *
 * @param input name of the input of the model that gives them; null for a constant
 * @param constant those of a constant; null for an input
 */
record SequenceLengths(String input, List<Integer> constant) {
  /**
   * Those of a node.
   *
   * @param steps their number, -1 if free
   * @param batch number of samples, -1 if free
   * @return null where all sequences are whole
   */
  static SequenceLengths of(Node node, int k, int steps, int batch) throws ModelProblem {
    Value given = node.optional(k);
    if (given == null) {
      return null;
    }
    if (given instanceof Value.Constant constant) {
      return constant(node, k, constant.tensor(), steps, batch);
    }
    if (given instanceof Value.Input input && isVector(input)) {
      return new SequenceLengths(input.info().getName(), null);
    }
    throw node.problem(
        "sequence_lens to be a constant, or an input of the model, INT32 of one dimension",
        "'" + node.inputName(k) + "'");
  }

  /** Whether an input of the model is a vector of whole numbers. */
  static boolean isVector(Value.Input input) {
    TypeProto.Tensor type = input.info().getType().getTensorType();
    boolean whole =
        type.getElemType() == DataType.INT32.getNumber()
            || type.getElemType() == DataType.INT64.getNumber();
    return whole && type.getShape().getDimCount() == 1;
  }

  private static SequenceLengths constant(Node node, int k, Tensor tensor, int steps, int batch)
      throws ModelProblem {
    double[] values = tensor.values();
    boolean fits = tensor.rank() == 1 && tensor.whole() && values.length > 0;
    if (!fits || (batch > 0 && values.length != batch)) {
      throw node.problem(
          "sequence_lens '"
              + node.inputName(k)
              + "' to have a whole number for each "
              + (batch > 0 ? "of " + batch + " samples" : "sample"),
          tensor.shape());
    }
    int most = steps > 0 ? steps : Integer.MAX_VALUE;
    for (double value : values) {
      if (value < 1 || value > most) {
        throw node.problem(
            "sequence_lens '" + node.inputName(k) + "' to be from 1 to " + most,
            Long.toString((long) value));
      }
    }
    boolean whole = Arrays.stream(values).allMatch(value -> value == steps);
    return whole
        ? null
        : new SequenceLengths(null, Arrays.stream(values).mapToObj(value -> (int) value).toList());
  }

  /** For messages. */
  @Override
  public String toString() {
    return input == null ? "the constant " + constant : "'" + input + "'";
  }
}
