package io.tacet.onnx;

import io.tacet.Backend;
import io.tacet.dense.Activation;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.InputSpec;
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
import io.tacet.onnx.Computed.Read;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes a network of the layers that a graph was found to have. */
final class NetworkMaker {
  private final Computed signal;
  private final List<LayerSpec> specs = new ArrayList<>();

  /** Numbers of each layer, by the ends of the names of its arrays. */
  private final List<Map<String, double[]>> numbers = new ArrayList<>();

  private NetworkMaker(Computed signal) {
    this.signal = signal;
  }

  /** The network; the caller closes it. */
  static Network make(Backend backend, Computed signal) throws ModelProblem {
    NetworkMaker maker = new NetworkMaker(signal);
    maker.collect();
    NetworkSpec spec;
    try {
      spec = new NetworkSpec(signal.input(), DType.FLOAT32, maker.specs);
    } catch (IllegalArgumentException e) {
      throw new ModelProblem("the model", "layers that form a network", e.getMessage());
    }
    Network network = Network.build(backend, spec, 0);
    try {
      maker.fill(network);
      return network;
    } catch (RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }

  private void collect() throws ModelProblem {
    List<Draft> layers = signal.layers();
    if (signal.input() == null) {
      throw new ModelProblem("the model", "layers on its tokens", "none");
    }
    if (signal.direction() >= 0) {
      throw new ModelProblem(
          "the output", "both directions of a bidirectional layer", "one of them");
    }
    boolean linear =
        signal.top() instanceof Draft.Dense dense && dense.activation() == Activation.IDENTITY;
    int count = linear ? layers.size() - 1 : layers.size();
    for (int k = 0; k < count; k++) {
      add(layers.get(k));
    }
    if (signal.read() == Read.TRACE
        && !(count > 0 && layers.get(count - 1) instanceof Draft.Gated)) {
      throw new ModelProblem(
          "the output",
          "only a linear read-out above what is left after a sequence",
          "further layers",
          "Read the last step of a layer in one direction instead.");
    }
    addReadout(linear ? (Draft.Dense) signal.top() : null);
  }

  private void add(Draft draft) throws ModelProblem {
    Map<String, double[]> arrays = new LinkedHashMap<>();
    LayerSpec spec;
    if (draft instanceof Draft.Dense dense) {
      arrays.put(".inputWeights", dense.weights().values());
      arrays.put(".bias", dense.bias());
      spec = new DenseCell.Spec(dense.bias().length, dense.activation(), Connection.dense());
    } else if (draft instanceof Draft.Embedding table) {
      if (table.bias() != null) {
        throw new ModelProblem(
            "the node '" + table.node() + "'", "rows of a table as they are", "a sum with them");
      }
      arrays.put(".weights", table.table().values());
      spec = new EmbeddingCell.Spec(table.table().dims()[1]);
    } else if (draft instanceof Draft.Gated gated) {
      spec = gated(gated, arrays);
    } else if (draft instanceof Draft.Plain plain) {
      arrays.put(".inputWeights", plain.input());
      arrays.put(".recurrentWeights", plain.recurrent());
      arrays.put(".bias", plain.bias());
      spec =
          new RnnCell.Spec(
              plain.bias().length, plain.activation(), Connection.dense(), Connection.dense());
    } else if (draft instanceof Draft.Winners winners) {
      spec = new WinnersCell.Spec(winners.count());
    } else {
      Draft.Gain gain = (Draft.Gain) draft;
      arrays.put(".gain", new double[] {gain.gain()});
      spec = new GainControlCell.Spec(gain.gain(), false);
    }
    specs.add(spec);
    numbers.add(arrays);
  }

  private static LayerSpec gated(Draft.Gated gated, Map<String, double[]> arrays) {
    Egru egru = Egru.defaults().with(gated.options()).direction(gated.direction());
    EgruCell.Spec spec =
        new EgruCell.Spec(gated.units(), egru, Connection.dense(), Connection.dense());
    List<String> names = spec.strands("");
    for (int s = 0; s < names.size(); s++) {
      Draft.Strand strand = gated.strands().get(s);
      arrays.put(names.get(s) + ".inputWeights", strand.input());
      arrays.put(names.get(s) + ".recurrentWeights", strand.recurrent());
      arrays.put(names.get(s) + ".inputBias", strand.inputBias());
      arrays.put(names.get(s) + ".recurrentBias", strand.recurrentBias());
      if (strand.thresholds() != null) {
        arrays.put(names.get(s) + ".thresholds", strand.thresholds());
      }
    }
    return spec;
  }

  /** Of the last sums, or else of the units as they are. */
  private void addReadout(Draft.Dense dense) throws ModelProblem {
    int columns = dense == null ? signal.columns() : dense.bias().length;
    Map<String, double[]> arrays = new LinkedHashMap<>();
    boolean tied = dense != null && isTied(dense);
    if (dense == null) {
      if (columns > Draft.MOST_IDENTITY) {
        throw new ModelProblem(
            "the output",
            "at most " + Draft.MOST_IDENTITY + " units without weights of their own",
            Integer.toString(columns));
      }
      double[] identity = new double[columns * columns];
      for (int i = 0; i < columns; i++) {
        identity[i * columns + i] = 1;
      }
      arrays.put(".weights", identity);
    } else if (!tied) {
      int from = dense.weights().dims()[0];
      arrays.put(".weights", Matrices.transposed(dense.weights().values(), from, columns));
    }
    arrays.put(".bias", dense == null ? new double[columns] : dense.bias());
    Reads reads =
        switch (signal.read()) {
          case STEPS -> Reads.EVERY_STEP;
          case LAST -> Reads.LAST_STEP;
          case TRACE -> Reads.TRACE;
        };
    specs.add(new LinearReadout.Spec(columns, reads, tied));
    numbers.add(arrays);
  }

  /** Whether the matrix is the table of embeddings. */
  private boolean isTied(Draft.Dense dense) {
    return signal.layers().get(0) instanceof Draft.Embedding table
        && signal.input() instanceof InputSpec.Tokens
        && table.table().name().equals(dense.weights().name())
        && table.table().dims()[0] == dense.bias().length
        && table.table().dims()[1] == dense.weights().dims()[0]
        && specs.size() > 0;
  }

  private void fill(Network network) {
    Map<String, DeviceArray> arrays = network.arrays();
    List<String> names = network.spec().names();
    for (int k = 0; k < names.size(); k++) {
      String name = names.get(k);
      numbers.get(k).forEach((end, values) -> arrays.get(name + end).copyFrom(values));
    }
  }
}
