package io.tacet.onnx;

import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.egru.GruWeights;
import io.tacet.network.Direction;
import io.tacet.onnx.Computed.Read;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** GRU and RNN. */
final class RecurrentOperators {
  private static final int GRU_GATES = 3;

  private RecurrentOperators() {}

  /** Adds the operators to a table of them. */
  static void addTo(Map<String, Operator> all) {
    all.put("GRU", RecurrentOperators::gru);
    all.put("RNN", RecurrentOperators::rnn);
    all.put(
        "LSTM",
        node -> {
          throw node.problem(
              "GRU or RNN", "LSTM", "Tacet has no cell of this kind; train a GRU instead.");
        });
  }

  private static List<Value> gru(Node node) throws ModelProblem {
    node.only(
        6,
        "activation_alpha",
        "activation_beta",
        "activations",
        "clip",
        "direction",
        "hidden_size",
        "layout",
        "linear_before_reset");
    Recurrence over = Recurrence.of(node, GRU_GATES);
    requireActivations(node, over.directions());
    long before = node.integer("linear_before_reset", 0);
    if (before != 0 && before != 1) {
      throw node.problem("linear_before_reset to be 0 or 1", Long.toString(before));
    }
    EgruOptions options =
        EgruOptions.defaults()
            .withoutEvents()
            .variant(before == 1 ? EgruVariant.CELL_RESET_AFTER : EgruVariant.PAPER)
            .clip(clip(node));
    List<Draft.Strand> strands = new ArrayList<>();
    for (int d = 0; d < over.directions(); d++) {
      GruWeights weights =
          GruWeights.fromOnnx(
              floats(over.part(over.weights(), d)),
              floats(over.part(over.recurrent(), d)),
              floats(over.part(over.bias(), d)),
              before == 1);
      strands.add(
          new Draft.Strand(
              doubles(weights.input()),
              doubles(weights.recurrent()),
              doubles(weights.inputBias()),
              doubles(weights.recurrentBias()),
              null));
    }
    Direction direction = over.direction();
    Draft all = new Draft.Gated(options, over.units(), direction, strands, node.name());
    if (direction == Direction.FORWARD) {
      return over.outputs(all, all, Read.LAST);
    }
    // What is left after the last step of the computation is a trace that forgets at once.
    Draft last =
        new Draft.Gated(options.traceDecay(0), over.units(), direction, strands, node.name());
    return over.outputs(all, last, Read.TRACE);
  }

  /** Infinite where sums are not cut. */
  private static double clip(Node node) throws ModelProblem {
    float clip = node.real("clip", Float.POSITIVE_INFINITY);
    if (!(clip > 0)) {
      throw node.problem("clip to be positive", Float.toString(clip));
    }
    return clip;
  }

  private static void requireActivations(Node node, int directions) throws ModelProblem {
    List<String> found =
        node.texts("activations").stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    List<String> expected = new ArrayList<>();
    for (int d = 0; d < directions; d++) {
      expected.addAll(List.of("sigmoid", "tanh"));
    }
    if (!found.isEmpty() && !found.equals(expected)) {
      throw node.problem(
          "the activations Sigmoid and Tanh, of which the cell consists", found.toString());
    }
  }

  private static List<Value> rnn(Node node) throws ModelProblem {
    node.only(
        6,
        "activation_alpha",
        "activation_beta",
        "activations",
        "clip",
        "direction",
        "hidden_size",
        "layout");
    if (node.has("clip")) {
      throw node.problem(
          "no attribute clip, since plain units do not cut their sums",
          Float.toString(node.real("clip", 0)),
          "GRU and event-gated units do.");
    }
    Recurrence over = Recurrence.of(node, 1);
    if (over.direction() != Direction.FORWARD) {
      throw node.problem(
          "the direction forward, the only one of plain recurrent units",
          node.text("direction", ""),
          "GRU and event-gated units go in both directions.");
    }
    int units = over.units();
    double[] bias = new double[units];
    for (int m = 0; m < units; m++) {
      bias[m] = over.bias().values()[m] + over.bias().values()[units + m];
    }
    Draft layer =
        new Draft.Plain(
            Matrices.transposed(over.weights().values(), units, over.from()),
            Matrices.transposed(over.recurrent().values(), units, units),
            bias,
            activation(node),
            node.name());
    return over.outputs(layer, layer, Read.LAST);
  }

  private static Activation activation(Node node) throws ModelProblem {
    List<String> names = node.texts("activations");
    String name = names.isEmpty() ? "tanh" : names.get(0).toLowerCase(Locale.ROOT);
    boolean identity =
        node.reals("activation_alpha").equals(List.of(1f))
            && (node.reals("activation_beta").isEmpty()
                || node.reals("activation_beta").equals(List.of(0f)));
    return switch (name) {
      case "tanh" -> Activation.TANH;
      case "relu" -> Activation.RELU;
      case "sigmoid" -> Activation.SIGMOID;
      case "affine" -> {
        if (identity) {
          yield Activation.IDENTITY;
        }
        throw node.problem("Affine with a slope of 1 and no shift", "another one");
      }
      default ->
          throw node.problem("the activation Tanh, Relu, Sigmoid or Affine", "'" + name + "'");
    };
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int k = 0; k < floats.length; k++) {
      floats[k] = (float) values[k];
    }
    return floats;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, k -> values[k]);
    return doubles;
  }
}
