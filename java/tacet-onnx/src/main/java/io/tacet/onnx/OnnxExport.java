package io.tacet.onnx;

import io.tacet.files.AtomicFile;
import io.tacet.network.Flow;
import io.tacet.network.InputSpec;
import io.tacet.network.LayerSpec;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.onnx.internal.Onnx.ModelProto;
import io.tacet.onnx.internal.Onnx.OperatorSetIdProto;
import io.tacet.onnx.internal.Onnx.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Networks on steps or tokens as ONNX models of standard operators (version {@value #OPERATORS}),
 * in single precision. The number of steps and that of samples are free. The input is {@code x},
 * FLOAT [steps][batch][channels], or {@code tokens}, INT64 [steps][batch]; the output is {@code y},
 * FLOAT [batch][outputs], with a dimension of steps before them where every step is read. The model
 * computes what the network does in evaluation. Sparse weights are written with their zeros.
 */
public final class OnnxExport {
  /** Version of the standard operators. */
  static final int OPERATORS = 17;

  /** Version of the format to which they belong. */
  private static final int FORMAT = 8;

  private OnnxExport() {}

  /**
   * Writes a network, replacing a file of that name only once the new one is complete.
   *
   * @throws IllegalArgumentException if standard operators cannot say what a layer computes, or the
   *     model would be longer than 2 GiB, the most that the format holds in one file
   * @throws IOException if it cannot be written; a file of that name is then unchanged
   */
  public static void write(Network network, Path file) throws IOException {
    ModelProto model = model(network);
    AtomicFile.write(file, model::writeTo);
  }

  /**
   * Writes a network with a second input {@code lengths}, INT32 [batch], the number of steps of
   * each sample. What such a model gives for steps after them is padding. As {@link #write}
   * otherwise.
   *
   * @throws IllegalArgumentException also unless all recurrent layers are {@code .gru(...)} without
   *     zoneout or {@code .rnn(...)}, read out at every step, at the last step of a layer forward
   *     in time, or as a trace with a decay of 0: a Scan has no lengths
   */
  public static void writeWithLengths(Network network, Path file) throws IOException {
    ModelProto model = modelWithLengths(network);
    AtomicFile.write(file, model::writeTo);
  }

  static ModelProto model(Network network) {
    return model(network, false);
  }

  static ModelProto modelWithLengths(Network network) {
    return model(network, true);
  }

  private static ModelProto model(Network network, boolean lengths) {
    requireSteps(network.spec());
    GraphWriter graph = new GraphWriter("tacet");
    graph(network, graph, lengths ? LengthsWriter.of(network.spec()) : LengthsWriter.NONE);
    return ModelProto.newBuilder()
        .setIrVersion(FORMAT)
        .setProducerName("tacet")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATORS))
        .setGraph(graph.build())
        .build();
  }

  private static void requireSteps(NetworkSpec spec) {
    if (spec.input() instanceof InputSpec.Spikes) {
      throw new IllegalArgumentException(
          "network: expected one on steps or tokens, got one of event times ("
              + spec.layers().stream().map(layer -> "." + layer.cell()).toList()
              + "): ONNX has no operator for exact spike times. A spiking network can be written as"
              + " .nir, its weights as .npz or .safetensors.");
    }
  }

  private static void graph(Network network, GraphWriter graph, LengthsWriter lengths) {
    NetworkSpec spec = network.spec();
    Flow input = spec.input().flow();
    String below =
        input.kind() == Flow.Kind.TOKENS
            ? graph.input("tokens", DataType.INT64, "steps", "batch")
            : graph.input("x", DataType.FLOAT, "steps", "batch", input.columns());
    lengths.write(graph);
    LayerWriter layers = new LayerWriter(network, graph, below, lengths);
    List<LayerSpec> all = spec.layers();
    for (int k = 0; k < all.size(); k++) {
      below = layers.write(k, below);
    }
    boolean steps = spec.readsEveryStep() || spec.below(all.size()).kind() == Flow.Kind.STEPS;
    graph.node("Identity", "y", List.of(below));
    if (steps) {
      graph.output("y", DataType.FLOAT, "steps", "batch", spec.outputs());
    } else {
      graph.output("y", DataType.FLOAT, "batch", spec.outputs());
    }
  }
}
