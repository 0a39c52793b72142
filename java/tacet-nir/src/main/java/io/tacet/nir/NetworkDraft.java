package io.tacet.nir;

import io.tacet.Backend;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.dense.Activation;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.network.Connection;
import io.tacet.network.InputSpec;
import io.tacet.network.LayerSpec;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Weights;
import io.tacet.network.cells.DenseCell;
import io.tacet.network.cells.LifCell;
import io.tacet.network.cells.NeuronCell;
import io.tacet.network.cells.VoltageReadout;
import io.tacet.neuron.IntegrateAndFire.Feature;
import io.tacet.neuron.Neuron;
import io.tacet.nir.Circuit.Population;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Structure and numbers of a network, from the populations of a graph. */
final class NetworkDraft {
  private static final double MS = 1000;

  private final NirSettings settings;
  private final Circuit circuit;
  private final DType precision;
  private final List<LayerSpec> layers = new ArrayList<>();
  private final ModelFileBuilder numbers = ModelFile.builder();

  NetworkDraft(NirGraph graph, NirSettings settings) {
    this.settings = settings;
    this.circuit = new Circuit(graph);
    this.precision = precision();
    if (circuit.layers.isEmpty()) {
      addDense();
    }
    for (Circuit.Layer layer : circuit.layers) {
      add(layer);
    }
  }

  private DType precision() {
    if (settings.precision() != null) {
      return settings.precision();
    }
    boolean leakless =
        circuit.layers.stream()
            .flatMap(layer -> layer.populations().stream())
            .anyMatch(p -> p.node().kind() == NirKind.I || jumps(p));
    return leakless ? DType.FLOAT64 : DType.FLOAT32;
  }

  /** Whether neurons without leak have no current, nor get one. */
  private boolean jumps(Population population) {
    boolean given = settings.dt() == 0 && settings.synapse() > 0;
    return population.node().kind() == NirKind.IF && population.currents().isEmpty() && !given;
  }

  Network on(Backend backend) {
    InputSpec input =
        circuit.layers.isEmpty()
            ? new InputSpec.Sequence(circuit.channels)
            : new InputSpec.Spikes(
                circuit.channels, settings.duration(), Simulator.ofStep(settings.dt()));
    NetworkSpec spec = new NetworkSpec(input, precision, layers);
    numbers.metadata("network", spec.toJson());
    try {
      return Network.read(backend, numbers.build(), Path.of("graph"), null);
    } catch (IOException e) {
      throw new IllegalStateException("The converted network does not fit itself.", e);
    }
  }

  private void addDense() {
    LinearMap map = circuit.direct;
    if (map.delays != null) {
      throw new NirProblem(
          "expected no delays in a graph without neurons, found some",
          "Leave out the nodes of type Delay.");
    }
    double[] weights = dense(map, map.weights);
    layers.add(
        new DenseCell.Spec(map.targets, Activation.IDENTITY, Connection.dense(law(weights))));
    put("layer0.inputWeights", weights);
    put("layer0.bias", circuit.constant);
  }

  private void add(Circuit.Layer layer) {
    if (layer.below().count() == 0
        || (layer.recurrent() != null && layer.recurrent().count() == 0)) {
      throw layer
          .first()
          .problem(
              "expected at least one synapse that leads to it, found none", "Check the weights.");
    }
    Neurons neurons = Neurons.of(layer.populations(), settings, precision);
    if (layer.first().node().kind().spikes()) {
      addSpiking(layer, neurons);
    } else {
      addReadout(layer, neurons);
    }
  }

  private void addSpiking(Circuit.Layer layer, Neurons neurons) {
    String name = "layer" + layers.size();
    Connection below = connection(layer.below(), neurons.weight(), name + ".");
    Connection recurrent =
        layer.recurrent() == null
            ? null
            : connection(layer.recurrent(), neurons.weight(), name + ".recurrent.");
    layers.add(spiking(layer.below().targets, neurons, below, recurrent));
    putShared(name + ".tauMem", neurons.tauMem());
    putShared(name + ".tauSyn", neurons.tauSyn());
    putShared(name + ".threshold", neurons.threshold());
    putShared(name + ".reset", neurons.reset());
    putShared(name + ".bias", neurons.bias());
  }

  private static LayerSpec spiking(
      int count, Neurons neurons, Connection below, Connection recurrent) {
    if (neurons.features().isEmpty()) {
      Lif lif =
          Lif.tau(typical(neurons.tauMem()), typical(neurons.tauSyn()))
              .threshold(typical(neurons.threshold()))
              .reset(typical(neurons.reset()))
              .bias(typical(neurons.bias()));
      return new LifCell.Spec(count, lif, below, recurrent);
    }
    Neuron neuron =
        io.tacet.neuron.Neurons.integrateAndFire(neurons.features().toArray(Feature[]::new))
            .with("tauMem", typical(neurons.tauMem()))
            .with("tauSyn", typical(neurons.tauSyn()))
            .with("threshold", typical(neurons.threshold()))
            .with("reset", typical(neurons.reset()))
            .with("bias", typical(neurons.bias()));
    return new NeuronCell.Spec(count, neuron, below, recurrent);
  }

  private void addReadout(Circuit.Layer layer, Neurons neurons) {
    Population population = layer.first();
    if (layers.size() + 1 < circuit.layers.size()) {
      throw population.problem(
          "expected neurons without spikes at the end only, found others behind them",
          "Use LIF or CubaLIF within the network.");
    }
    if (layer.recurrent() != null || layer.below().delays != null) {
      throw population.problem(
          "expected neither recurrent weights nor delays of neurons without spikes, found some",
          "Leave them out; no layer of Tacet has them.");
    }
    double tauMem = same(population, "membrane time constants", neurons.tauMem());
    double tauSyn = same(population, "synaptic time constants", neurons.tauSyn());
    if (!Circuit.allZero(neurons.bias())) {
      throw population.problem(
          "expected neither v_leak nor a bias of neurons without spikes, found some",
          "Add them to what is read.");
    }
    String name = "layer" + layers.size();
    double[] weights = dense(layer.below(), layer.below().scaled(neurons.weight()));
    layers.add(
        new VoltageReadout.Spec(
            population.count(),
            tauMem,
            tauSyn,
            Connection.dense(law(weights)),
            settings.reduction()));
    put(name + ".weights", weights);
    put(name + ".tauMem", new double[] {tauMem});
    put(name + ".tauSyn", new double[] {tauSyn});
  }

  private static double same(Population population, String what, double[] values) {
    double least = Arrays.stream(values).min().orElseThrow();
    double most = Arrays.stream(values).max().orElseThrow();
    if (least != most) {
      throw population.problem(
          "expected equal "
              + what
              + " of neurons without spikes, found some from "
              + least
              + " to "
              + most
              + " ms",
          "Give all outputs the same.");
    }
    return least;
  }

  /** Synapses of a map, whose arrays are put under names with the prefix. */
  private Connection connection(LinearMap map, double[] factors, String prefix) {
    double[] weights = map.scaled(factors);
    put(prefix + "weights", weights);
    Connection connection;
    if (map.isDense()) {
      connection = Connection.dense(law(weights));
    } else {
      numbers.ints(prefix + "offsets", map.offsets);
      numbers.ints(prefix + "indices", map.indices);
      connection = Connection.pattern(map.offsets, map.indices, law(weights));
    }
    if (map.delays == null) {
      return connection;
    }
    double[] delays = Arrays.stream(map.delays).map(d -> d * MS).toArray();
    put(prefix + "delays", delays);
    return connection.delays(
        Arrays.stream(delays).min().orElse(0), Arrays.stream(delays).max().orElse(0));
  }

  private static double[] dense(LinearMap map, double[] weights) {
    double[] all = new double[Math.multiplyExact(map.sources, map.targets)];
    for (int s = 0; s < map.sources; s++) {
      for (int k = map.offsets[s]; k < map.offsets[s + 1]; k++) {
        all[s * map.targets + map.indices[k]] = weights[k];
      }
    }
    return all;
  }

  /** What a network built anew would draw its weights from. */
  private static Weights law(double[] weights) {
    double mean = Arrays.stream(weights).average().orElse(0);
    double squares = Arrays.stream(weights).map(w -> (w - mean) * (w - mean)).average().orElse(0);
    return Weights.normal(mean, Math.sqrt(squares));
  }

  /** The value that all have, or their mean. */
  private static double typical(double[] values) {
    boolean equal = Arrays.stream(values).allMatch(v -> v == values[0]);
    return equal ? values[0] : Arrays.stream(values).average().orElse(0);
  }

  /** One number where all neurons have the same. */
  private void putShared(String name, double[] values) {
    boolean equal = Arrays.stream(values).allMatch(v -> v == values[0]);
    put(name, equal ? new double[] {values[0]} : values);
  }

  private void put(String name, double[] values) {
    if (precision == DType.FLOAT64) {
      requireFinite(name, values);
      numbers.doubles(name, values);
      return;
    }
    float[] rounded = new float[values.length];
    for (int k = 0; k < values.length; k++) {
      rounded[k] = (float) values[k];
    }
    requireFinite(name, values(rounded));
    numbers.floats(name, rounded);
  }

  private static double[] values(float[] floats) {
    double[] wide = new double[floats.length];
    Arrays.setAll(wide, k -> floats[k]);
    return wide;
  }

  private void requireFinite(String name, double[] values) {
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new NirProblem(
            name + ": expected numbers within " + precision + ", got some beyond it",
            "Check the units: times are in seconds.");
      }
    }
  }
}
