package io.tacet.onnx;

import static io.tacet.onnx.GraphWriter.attribute;
import static io.tacet.onnx.GraphWriter.integers;
import static io.tacet.onnx.GraphWriter.numbers;
import static io.tacet.onnx.GraphWriter.texts;

import io.tacet.dense.Activation;
import io.tacet.network.LayerSpec;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.cells.DenseCell;
import io.tacet.network.cells.EgruCell;
import io.tacet.network.cells.EmbeddingCell;
import io.tacet.network.cells.GainControlCell;
import io.tacet.network.cells.LinearReadout;
import io.tacet.network.cells.LinearReadout.Reads;
import io.tacet.network.cells.RnnCell;
import io.tacet.network.cells.WinnersCell;
import io.tacet.onnx.internal.Onnx.AttributeProto;
import java.util.List;

/** Writes the layers of a network one after the other. */
final class LayerWriter {
  private final NetworkSpec spec;
  private final GraphWriter graph;
  private final Matrices matrices;
  private final EgruWriter egru;
  private final LengthsWriter lengths;

  /**
   * For one network.
   *
   * @param input name of the value that enters
   */
  LayerWriter(Network network, GraphWriter graph, String input, LengthsWriter lengths) {
    this.spec = network.spec();
    this.graph = graph;
    this.matrices = new Matrices(network);
    this.egru = new EgruWriter(spec, graph, matrices, input, lengths);
    this.lengths = lengths;
  }

  /**
   * Writes a layer.
   *
   * @param below value that the layer below gives, or the input
   * @return the value that this one gives
   */
  String write(int k, String below) {
    LayerSpec layer = spec.layers().get(k);
    String name = spec.names().get(k);
    int from = spec.below(k).columns();
    if (layer instanceof EgruCell.Spec cell) {
      LayerSpec above = k + 1 < spec.layers().size() ? spec.layers().get(k + 1) : null;
      return egru.write(cell, name, k, below, above != null && above.readsTrace());
    }
    if (layer instanceof LinearReadout.Spec readout) {
      return readout(readout, name, from, below);
    }
    if (layer instanceof DenseCell.Spec cell) {
      return dense(cell, name, from, below);
    }
    if (layer instanceof RnnCell.Spec cell) {
      return rnn(cell, name, k, below);
    }
    if (layer instanceof EmbeddingCell.Spec table) {
      graph.floats(name + ".weights", matrices.real(name + ".weights"), from, table.columns());
      return graph.node("Gather", name, List.of(name + ".weights", below));
    }
    if (layer instanceof GainControlCell.Spec) {
      return gain(name, below);
    }
    if (layer instanceof WinnersCell.Spec cell) {
      return winners(cell, name, below);
    }
    throw new IllegalArgumentException(
        "network: expected layers that standard operators of ONNX can say, got ."
            + layer.cell()
            + " ("
            + name
            + ").");
  }

  /** act(x W + b). */
  private String dense(DenseCell.Spec cell, String name, int from, String below) {
    int units = cell.units();
    String weights =
        graph.floats(
            name + ".inputWeights", matrices.input(name, from, units, cell.input()), from, units);
    graph.node("MatMul", name + ".product", List.of(below, weights));
    String bias = graph.floats(name + ".bias", matrices.real(name + ".bias"), units);
    String sum = graph.node("Add", name + ".sum", List.of(name + ".product", bias));
    if (cell.activation() == Activation.IDENTITY) {
      return sum;
    }
    return graph.node(operator(cell.activation()), name, List.of(sum));
  }

  private static String operator(Activation activation) {
    return switch (activation) {
      case TANH -> "Tanh";
      case RELU -> "Relu";
      case SIGMOID -> "Sigmoid";
      case IDENTITY -> "Affine";
    };
  }

  private String rnn(RnnCell.Spec cell, String name, int k, String below) {
    int units = cell.units();
    int from = spec.below(k).columns();
    boolean ends = lengths.endsAt(k);
    double[] input = matrices.input(name, from, units, cell.input());
    double[] recurrent = matrices.recurrent(name, units, 1, cell.recurrent());
    double[] bias = new double[2 * units];
    System.arraycopy(matrices.real(name + ".bias"), 0, bias, 0, units);
    List<String> inputs =
        lengths.after(
            List.of(
                below,
                graph.floats(name + ".W", Matrices.transposed(input, from, units), 1, units, from),
                graph.floats(
                    name + ".R", Matrices.transposed(recurrent, units, units), 1, units, units),
                graph.floats(name + ".B", bias, 1, 2L * units)));
    AttributeProto size = attribute("hidden_size", units);
    AttributeProto acts = texts("activations", List.of(operator(cell.activation())));
    List<String> outputs = ends ? List.of("", name + ".Y") : List.of(name + ".Y");
    if (cell.activation() == Activation.IDENTITY) {
      AttributeProto slope = numbers("activation_alpha", 1);
      AttributeProto shift = numbers("activation_beta", 0);
      graph.node("RNN", name + ".RNN", inputs, outputs, size, acts, slope, shift);
    } else {
      graph.node("RNN", name + ".RNN", inputs, outputs, size, acts);
    }
    String axis = ends ? graph.longs("axis0", 0) : graph.longs("axis1", 1);
    return graph.node("Squeeze", name, List.of(name + ".Y", axis));
  }

  /** What is above g times the mean of what is above 0. */
  private String gain(String name, String below) {
    String gain = graph.floats(name + ".gain", matrices.real(name + ".gain"), 1);
    graph.node("Relu", name + ".above", List.of(below));
    graph.node(
        "ReduceMean",
        name + ".mean",
        List.of(name + ".above"),
        integers("axes", -1),
        attribute("keepdims", 1));
    graph.node("Mul", name + ".inhibition", List.of(name + ".mean", gain));
    graph.node("Sub", name + ".rest", List.of(below, name + ".inhibition"));
    return graph.node("Relu", name, List.of(name + ".rest"));
  }

  /** The largest values where they were, among zeros. Of equal ones both take the first. */
  private String winners(WinnersCell.Spec cell, String name, String below) {
    String count = graph.longs(name + ".winners", cell.winners());
    graph.node(
        "TopK",
        name + ".top",
        List.of(below, count),
        List.of(name + ".values", name + ".places"),
        attribute("axis", -1));
    graph.node("Shape", name + ".shape", List.of(below));
    graph.node("ConstantOfShape", name + ".zeros", List.of(name + ".shape"));
    return graph.node(
        "ScatterElements",
        name,
        List.of(name + ".zeros", name + ".places", name + ".values"),
        attribute("axis", -1));
  }

  private String readout(LinearReadout.Spec readout, String name, int from, String below) {
    int outputs = readout.outputs();
    String read = below;
    if (readout.reads() == Reads.LAST_STEP && !lengths.given()) {
      read =
          graph.node(
              "Gather",
              name + ".last",
              List.of(below, graph.whole("last", -1)),
              attribute("axis", 0));
    }
    String weights;
    if (readout.tied()) {
      String table = spec.names().get(0) + ".weights";
      weights = graph.node("Transpose", name + ".weights", List.of(table), integers("perm", 1, 0));
    } else {
      double[] rows = matrices.real(name + ".weights");
      weights =
          graph.floats(name + ".weights", Matrices.transposed(rows, outputs, from), from, outputs);
    }
    graph.node("MatMul", name + ".product", List.of(read, weights));
    String bias = graph.floats(name + ".bias", matrices.real(name + ".bias"), outputs);
    return graph.node("Add", name, List.of(name + ".product", bias));
  }
}
