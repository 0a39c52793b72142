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
import io.tacet.neuron.IntegrateAndFire;
import io.tacet.neuron.IntegrateAndFire.Feature;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;

/** A graph, from the layers of a network. */
final class GraphDraft {
  private static final double MS = 1000;
  private static final String INPUT = "input";
  private static final String OUTPUT = "output";

  /** What neurons of the family can have beyond LIF neurons. */
  private static final Set<Feature> EXPRESSIBLE =
      Collections.unmodifiableSet(EnumSet.of(Feature.NON_LEAKY, Feature.ALPHA_SYNAPSE));

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
      } else if (layer instanceof NeuronCell.Spec other
          && other.neuron().dynamics() instanceof IntegrateAndFire family) {
        addFamily(name, other, family.features(), below, columns);
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
            + ": expected layers of .lif(...) and .neuron(...), and .readout(outputs, tauMem,"
            + " tauSyn, ...) on top, got ."
            + layer.cell()
            + "(...)"
            + (layer instanceof NeuronCell.Spec other
                ? " of " + other.neuron().dynamics().name()
                : "")
            + ", for which NIR has no node. Networks on steps are exported as ONNX.");
  }

  private void addSpiking(String name, LifCell.Spec lif, String below, int columns) {
    int count = lif.neurons();
    addLeaky(name, count, inputWeights(seconds(values(name + ".tauSyn", count))));
    addSynapses(name, name, count, lif.input(), lif.recurrent(), below, columns);
  }

  private void addLeaky(String name, int count, double[] inputWeights) {
    graph.node(
        name,
        NirNode.of(NirKind.CUBA_LIF)
            .numbers("tau_mem", seconds(values(name + ".tauMem", count)))
            .numbers("tau_syn", seconds(values(name + ".tauSyn", count)))
            .numbers("r", Circuit.filled(1, count))
            .numbers("v_leak", values(name + ".bias", count))
            .numbers("v_threshold", values(name + ".threshold", count))
            .numbers("v_reset", values(name + ".reset", count))
            .numbers("w_in", inputWeights)
            .build());
  }

  /** Synapses of neurons, which lead to them or to the first of their currents. */
  private void addSynapses(
      String name,
      String receptor,
      int count,
      Connection input,
      Connection recurrent,
      String below,
      int columns) {
    addSynapses(name + "_input", name + ".", input, below, columns, receptor, count);
    if (recurrent != null) {
      addSynapses(
          name + "_recurrent", name + ".recurrent.", recurrent, name, count, receptor, count);
    }
  }

  /** Neurons of the closed-form family: a current of its own is a node of LI. */
  private void addFamily(
      String name, NeuronCell.Spec layer, Set<Feature> features, String below, int columns) {
    Set<Feature> others = EnumSet.noneOf(Feature.class);
    others.addAll(features);
    others.removeAll(EXPRESSIBLE);
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(
          name
              + ": expected neurons that NIR has equations for, LIF ones and those with "
              + EXPRESSIBLE
              + ", got .neuron(...) with "
              + others
              + ". Save the network as a model file.");
    }
    int count = layer.neurons();
    boolean leaky = !features.contains(Feature.NON_LEAKY);
    int currents = (leaky ? 0 : 1) + (features.contains(Feature.ALPHA_SYNAPSE) ? 1 : 0);
    double[] first = inputWeights(seconds(values(name + ".tauSyn", count)));
    double[] next = Circuit.filled(1, count);
    List<String> path = new ArrayList<>();
    for (int k = 0; k < currents; k++) {
      path.add(name + "_current" + (currents > 1 ? k : ""));
      addCurrent(path.get(k), name, count, k == 0 ? first : next);
    }
    if (leaky) {
      addLeaky(name, count, currents == 0 ? first : next);
    } else {
      addLeakless(name, count, path);
    }
    path.add(name);
    if (path.size() > 1) {
      graph.path(path.toArray(String[]::new));
    }
    addSynapses(name, path.get(0), count, layer.input(), layer.recurrent(), below, columns);
  }

  private void addCurrent(String name, String neurons, int count, double[] r) {
    graph.node(
        name,
        NirNode.of(NirKind.LI)
            .numbers("tau", seconds(values(neurons + ".tauSyn", count)))
            .numbers("r", r)
            .numbers("v_leak", new double[count])
            .build());
  }

  /** IF has no v_leak: a bias is what an Affine adds to the current. */
  private void addLeakless(String name, int count, List<String> path) {
    graph.node(
        name,
        NirNode.of(NirKind.IF)
            .numbers("r", ratesOf(values(name + ".tauMem", count)))
            .numbers("v_threshold", values(name + ".threshold", count))
            .numbers("v_reset", values(name + ".reset", count))
            .build());
    double[] bias = values(name + ".bias", count);
    if (Circuit.allZero(bias)) {
      return;
    }
    double[] identity = new double[Math.multiplyExact(count, count)];
    for (int k = 0; k < count; k++) {
      identity[k * count + k] = 1;
    }
    path.add(name + "_bias");
    graph.node(
        name + "_bias",
        NirNode.of(NirKind.AFFINE)
            .numbers("weight", matrix(identity, count, count))
            .numbers("bias", typed(bias, count))
            .build());
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
    return nearest(ms, value -> value / MS, value -> value * MS);
  }

  /** Rates per second that give the same time constants in ms again, where there are such. */
  private static double[] ratesOf(double[] ms) {
    return nearest(ms, value -> MS / value, value -> MS / value);
  }

  private static double[] nearest(
      double[] values, DoubleUnaryOperator there, DoubleUnaryOperator back) {
    double[] converted = new double[values.length];
    for (int k = 0; k < values.length; k++) {
      double nearest = there.applyAsDouble(values[k]);
      converted[k] = nearest;
      for (double near : new double[] {Math.nextDown(nearest), Math.nextUp(nearest)}) {
        if (back.applyAsDouble(converted[k]) != values[k]
            && back.applyAsDouble(near) == values[k]) {
          converted[k] = near;
        }
      }
    }
    return converted;
  }
}
