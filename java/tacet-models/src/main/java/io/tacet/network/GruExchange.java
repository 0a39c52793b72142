package io.tacet.network;

import io.tacet.checkpoint.NamedArrays;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.egru.GruWeights;
import io.tacet.files.FileFormatException;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.network.cells.EgruCell;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights of another framework's GRU in a layer of a network, and back. A network {@linkplain
 * EgruOptions#withoutEvents without events} then computes what theirs computes; one with events
 * starts from there. A direction is named as its arrays begin, such as {@code layer0} or {@code
 * layer0.reverse}.
 */
public final class GruExchange {
  private GruExchange() {}

  /**
   * The parameters of {@code torch.nn.GRU} among arrays of a file.
   *
   * @param weights read by {@code NamedArrays.read}
   * @param module name of the module with its dot, such as {@code gru.}; empty if there is none
   * @param part which layer and direction of it, such as {@code l0} or {@code l0_reverse}
   * @return to be given to {@link #put}; biases are 0 where the module has none
   * @throws FileFormatException if one is missing, or not of the shape that the others need, or has
   *     numbers that are not finite
   */
  public static GruWeights torch(NamedArrays weights, String module, String part)
      throws FileFormatException {
    String inputName = module + "weight_ih_" + part;
    List<Integer> shape = weights.get(inputName).shape();
    if (shape.size() != 2 || shape.get(0) % 3 != 0 || shape.contains(0)) {
      throw weights.problem(inputName, "the shape [3 units][inputs]", "the shape " + shape);
    }
    int rows = shape.get(0);
    String bias = module + "bias_ih_" + part;
    String otherBias = module + "bias_hh_" + part;
    boolean biased = weights.has(bias) || weights.has(otherBias);
    return GruWeights.fromTorch(
        weights.finiteFloats(inputName, rows, shape.get(1)),
        weights.finiteFloats(module + "weight_hh_" + part, rows, rows / 3),
        biased ? weights.finiteFloats(bias, rows) : new float[rows],
        biased ? weights.finiteFloats(otherBias, rows) : new float[rows]);
  }

  /**
   * Puts weights into a direction of a layer; its thresholds stay.
   *
   * @param strand name of the direction, such as {@code layer0} or {@code layer0.reverse}
   * @param weights of the variant, inputs and units of the layer; copied
   * @throws IllegalArgumentException if there is no such strand or the weights do not fit it;
   *     nothing changes then
   */
  public static void put(Network network, String strand, GruWeights weights) {
    EgruVariant variant = variant(network, strand);
    if (weights.variant() != variant) {
      throw new IllegalArgumentException(
          "weights: expected the variant "
              + variant
              + " of the network, got "
              + weights.variant()
              + ". Build the network with EgruOptions.variant("
              + weights.variant()
              + ").");
    }
    Map<String, DeviceArray> arrays = network.arrays();
    Map<String, float[]> parts = new LinkedHashMap<>();
    parts.put("inputWeights", weights.input());
    parts.put("recurrentWeights", weights.recurrent());
    parts.put("inputBias", weights.inputBias());
    parts.put("recurrentBias", weights.recurrentBias());
    parts.forEach(
        (what, values) -> {
          long expected = arrays.get(strand + "." + what).length();
          if (values.length != expected) {
            throw new IllegalArgumentException(
                "weights: expected "
                    + expected
                    + " numbers of "
                    + what
                    + " for "
                    + strand
                    + ", got "
                    + values.length
                    + ". Build the network with the inputs and units of the weights.");
          }
        });
    parts.forEach((what, values) -> arrays.get(strand + "." + what).copyFrom(wide(values)));
  }

  /**
   * Weights of a direction of a layer, rounded to float32; thresholds are not among them.
   *
   * @param strand name of the direction, such as {@code layer0} or {@code layer0.reverse}
   * @throws IllegalArgumentException if there is no such strand
   */
  public static GruWeights of(Network network, String strand) {
    Map<String, DeviceArray> arrays = network.arrays();
    return new GruWeights(
        variant(network, strand),
        narrow(arrays.get(strand + ".inputWeights")),
        narrow(arrays.get(strand + ".recurrentWeights")),
        narrow(arrays.get(strand + ".inputBias")),
        narrow(arrays.get(strand + ".recurrentBias")));
  }

  private static EgruVariant variant(Network network, String strand) {
    NetworkSpec spec = network.spec();
    List<String> known = new ArrayList<>();
    for (int k = 0; k < spec.layers().size(); k++) {
      if (spec.layers().get(k) instanceof EgruCell.Spec layer) {
        List<String> strands = layer.strands(spec.names().get(k));
        if (strands.contains(strand)) {
          requireDense(strand, layer.input());
          requireDense(strand, layer.recurrent());
          return layer.egru().options().variant();
        }
        known.addAll(strands);
      }
    }
    throw new IllegalArgumentException(
        "strand: expected one of " + known + ", got '" + strand + "'.");
  }

  private static void requireDense(String strand, Connection connection) {
    if (!connection.isDense()) {
      throw new IllegalArgumentException(
          "strand: expected one with dense weights, as other frameworks have, got "
              + strand
              + " with "
              + connection.toMap()
              + ".");
    }
  }

  private static double[] wide(float[] values) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, i -> values[i]);
    return wide;
  }

  private static float[] narrow(DeviceArray array) {
    if (array.type() == DType.FLOAT32) {
      return array.toFloats();
    }
    double[] wide = array.toDoubles();
    float[] values = new float[wide.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) wide[i];
    }
    return values;
  }
}
