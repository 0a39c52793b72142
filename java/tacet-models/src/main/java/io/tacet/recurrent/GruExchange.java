package io.tacet.recurrent;

import io.tacet.egru.EgruOptions;
import io.tacet.egru.GruWeights;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Weights of another framework's GRU in a layer of a network, and back. A network {@linkplain
 * EgruOptions#withoutEvents without events} then computes what theirs computes; one with events
 * starts from there. Strands are named as in {@link RecurrentSpec#strands}.
 */
public final class GruExchange {
  private GruExchange() {}

  /**
   * Puts weights into a direction of a layer; its thresholds stay.
   *
   * @param strand name of the direction, such as {@code layer0} or {@code layer0.reverse}
   * @param weights of the variant, inputs and units of the layer; copied
   * @throws IllegalArgumentException if there is no such strand or the weights do not fit it;
   *     nothing changes then
   */
  public static void put(RecurrentNetwork network, String strand, GruWeights weights) {
    check(network, strand);
    if (weights.variant() != network.spec().options().variant()) {
      throw new IllegalArgumentException(
          "weights: expected the variant "
              + network.spec().options().variant()
              + " of the network, got "
              + weights.variant()
              + ". Build the network with EgruOptions.variant("
              + weights.variant()
              + ").");
    }
    Map<String, float[]> parts = new LinkedHashMap<>();
    parts.put("inputWeights", weights.input());
    parts.put("recurrentWeights", weights.recurrent());
    parts.put("inputBias", weights.inputBias());
    parts.put("recurrentBias", weights.recurrentBias());
    parts.forEach(
        (what, values) -> {
          long expected = network.value(strand + "." + what).length();
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
    parts.forEach((what, values) -> network.value(strand + "." + what).copyFrom(wide(values)));
  }

  /**
   * Weights of a direction of a layer, rounded to float32; thresholds are not among them.
   *
   * @param strand name of the direction, such as {@code layer0} or {@code layer0.reverse}
   * @throws IllegalArgumentException if there is no such strand
   */
  public static GruWeights of(RecurrentNetwork network, String strand) {
    check(network, strand);
    return new GruWeights(
        network.spec().options().variant(),
        narrow(network.value(strand + ".inputWeights")),
        narrow(network.value(strand + ".recurrentWeights")),
        narrow(network.value(strand + ".inputBias")),
        narrow(network.value(strand + ".recurrentBias")));
  }

  private static void check(RecurrentNetwork network, String strand) {
    if (!network.spec().strands().contains(strand)) {
      throw new IllegalArgumentException(
          "strand: expected one of " + network.spec().strands() + ", got '" + strand + "'.");
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
