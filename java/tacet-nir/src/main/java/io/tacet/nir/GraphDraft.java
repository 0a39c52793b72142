package io.tacet.nir;

import io.tacet.checkpoint.TypedArray;
import io.tacet.dense.Activation;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Connection;
import io.tacet.network.InputSpec;
import io.tacet.network.LayerSpec;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.cells.DenseCell;
import io.tacet.network.cells.LifCell;
import io.tacet.network.cells.NeuronCell;
import io.tacet.network.cells.VoltageReadout;
import java.util.Map;

/** A graph, from the layers of a network. */
final class GraphDraft {
  private static final double MS = 1000;
  private static final String INPUT = "input";
  private static final String OUTPUT = "output";

  private final NetworkSpec spec;
  private final Map<String, DeviceArray> arrays;
  private final double pulse;
  private final NirGraph.Builder graph = NirGraph.builder();

  GraphDraft(Network network, double pulse) {
    this.spec = network.spec();
    this.arrays = network.arrays();
    this.pulse = pulse;
  }

  NirGraph graph() {
    graph.node(INPUT, NirNode.input(spec.input().flow().columns()));
    String below = INPUT;
    int columns = spec.input().flow().columns();
    Reduction reduction = Reduction.MAX;
    for (int k = 0; k < spec.layers().size(); k++) {
      String name = spec.names().get(k);
      LayerSpec layer = spec.layers().get(k);
      if (layer instanceof LifCell.Spec lif) {
        addSpiking(name, lif, below, columns);
      } else if (layer instanceof VoltageReadout.Spec readout) {
        addReadout(name, readout, below, columns);
        reduction = readout.reduction();
      } else if (layer instanceof DenseCell.Spec dense
          && dense.activation() == Activation.IDENTITY
          && dense.input().isDense()) {
        addDense(name, below, columns, dense.units());
      } else {
        throw refused(name, layer);
      }
      below = name;
      columns = spec.below(k + 1).columns();
    }
    graph.node(OUTPUT, NirNode.output(columns)).path(below, OUTPUT);
    if (spec.input() instanceof InputSpec.Spikes spikes) {
      NirSettings settings =
          new NirSettings(
              pulse,
              spikes.duration(),
              spikes.simulator().dt(),
              0,
              spec.precision(),
              reduction,
              false);
      graph.metadata(NirNetworks.SETTINGS, new NirValue.Text(settings.toJson()));
    }
    return graph.build();
  }

  private static IllegalArgumentException refused(String name, LayerSpec layer) {
    return new IllegalArgumentException(
        name
            + ": expected layers of .lif(...), and .readout(outputs, tauMem, tauSyn, ...) on top,"
            + " got ."
            + layer.cell()
            + "(...)"
            + (layer instanceof NeuronCell.Spec other
                ? " of " + other.neuron().dynamics().name()
                : "")
            + ", for which NIR has no node. Networks on steps are exported as ONNX.");
  }

  private void addSpiking(String name, LifCell.Spec lif, String below, int columns) {
    int count = lif.neurons();
    double[] tauSyn = seconds(values(name + ".tauSyn", count));
    graph.node(
        name,
        NirNode.of(NirKind.CUBA_LIF)
            .numbers("tau_mem", seconds(values(name + ".tauMem", count)))
            .numbers("tau_syn", tauSyn)
            .numbers("r", Circuit.filled(1, count))
            .numbers("v_leak", values(name + ".bias", count))
            .numbers("v_threshold", values(name + ".threshold", count))
            .numbers("v_reset", values(name + ".reset", count))
            .numbers("w_in", inputWeights(tauSyn))
            .build());
    addSynapses(name + "_input", name + ".", lif.input(), below, columns, name, count);
    if (lif.recurrent() != null) {
      addSynapses(
          name + "_recurrent", name + ".recurrent.", lif.recurrent(), name, count, name, count);
    }
  }

  private void addReadout(String name, VoltageReadout.Spec readout, String below, int columns) {
    int count = readout.neurons();
    double[] tauSyn = seconds(values(name + ".tauSyn", count));
    graph.node(
        name,
        NirNode.of(NirKind.CUBA_LI)
            .numbers("tau_mem", seconds(values(name + ".tauMem", count)))
            .numbers("tau_syn", tauSyn)
            .numbers("r", Circuit.filled(1, count))
            .numbers("v_leak", new double[count])
            .numbers("w_in", inputWeights(tauSyn))
            .build());
    addSynapses(name + "_input", name + ".", readout.input(), below, columns, name, count);
  }

  private void addDense(String name, String below, int columns, int units) {
    double[] weights = arrays.get(name + ".inputWeights").toDoubles();
    graph
        .node(
            name,
            NirNode.of(NirKind.AFFINE)
                .numbers("weight", matrix(transposed(weights, columns, units), units, columns))
                .numbers("bias", typed(arrays.get(name + ".bias").toDoubles(), units))
                .build())
        .path(below, name);
  }

  /** For which a spike adds its weight to the current. */
  private double[] inputWeights(double[] tauSyn) {
    double[] weights = new double[tauSyn.length];
    for (int k = 0; k < weights.length; k++) {
      weights[k] = tauSyn[k] / (pulse / MS);
    }
    return weights;
  }

  private void addSynapses(
      String name,
      String prefix,
      Connection connection,
      String from,
      int sources,
      String to,
      int targets) {
    SynapseMatrix matrix = new SynapseMatrix(arrays, prefix, connection, sources, targets);
    graph.node(
        name,
        NirNode.of(NirKind.LINEAR)
            .numbers("weight", matrix(matrix.weights(), targets, sources))
            .build());
    if (!connection.delayed()) {
      graph.path(from, name, to);
      return;
    }
    String delay = name + "_delay";
    double[] bySource = matrix.delaysBySource();
    if (bySource != null) {
      graph.node(delay, delay(bySource)).path(from, delay, name, to);
      return;
    }
    double[] byTarget = matrix.delaysByTarget();
    if (byTarget == null) {
      throw new IllegalArgumentException(
          prefix
              + "delays: expected delays that are the same for all synapses of a source, or of a"
              + " target, as NIR can say, got some that are neither.");
    }
    graph.node(delay, delay(byTarget)).path(from, name, delay, to);
  }

  private static NirNode delay(double[] ms) {
    return NirNode.of(NirKind.DELAY).numbers("delay", seconds(ms)).build();
  }

  private TypedArray matrix(double[] values, int targets, int sources) {
    return typed(values, targets, sources);
  }

  private TypedArray typed(double[] values, int... shape) {
    if (spec.precision() == DType.FLOAT64) {
      return TypedArray.of(values, shape);
    }
    float[] floats = new float[values.length];
    for (int k = 0; k < floats.length; k++) {
      floats[k] = (float) values[k];
    }
    return TypedArray.of(floats, shape);
  }

  static double[] transposed(double[] matrix, int rows, int columns) {
    double[] turned = new double[matrix.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        turned[c * rows + r] = matrix[r * columns + c];
      }
    }
    return turned;
  }

  private double[] values(String name, int count) {
    double[] values = arrays.get(name).toDoubles();
    return values.length == count ? values : Circuit.filled(values[0], count);
  }

  /** Seconds that give the same ms again, where there are such. */
  private static double[] seconds(double[] ms) {
    double[] seconds = new double[ms.length];
    for (int k = 0; k < ms.length; k++) {
      double nearest = ms[k] / MS;
      seconds[k] = nearest;
      for (double near : new double[] {Math.nextDown(nearest), Math.nextUp(nearest)}) {
        if (seconds[k] * MS != ms[k] && near * MS == ms[k]) {
          seconds[k] = near;
        }
      }
    }
    return seconds;
  }
}
