package io.tacet.network;

import io.tacet.Backend;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.network.cells.DenseCell;
import io.tacet.network.cells.EgruCell;
import io.tacet.network.cells.EmbeddingCell;
import io.tacet.network.cells.GainControlCell;
import io.tacet.network.cells.LifCell;
import io.tacet.network.cells.LinearReadout;
import io.tacet.network.cells.LinearReadout.Reads;
import io.tacet.network.cells.NeuronCell;
import io.tacet.network.cells.RnnCell;
import io.tacet.network.cells.VoltageReadout;
import io.tacet.network.cells.WinnersCell;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import java.util.ArrayList;
import java.util.List;

/** Collects an input and layers; see {@link Network#on}. */
public final class NetworkBuilder {
  private final Backend backend;
  private final List<LayerSpec> layers = new ArrayList<>();
  private InputSpec input;
  private double duration = 60;
  private DType precision = DType.FLOAT32;
  private Simulator simulator = Simulator.exact();

  NetworkBuilder(Backend backend) {
    this.backend = backend;
  }

  /** The input is event times of a number of channels. */
  public NetworkBuilder spikes(int channels) {
    return input(new InputSpec.Spikes(channels, duration, simulator));
  }

  /**
   * Counts event times in intervals of equal length, which gives a vector at every step. After
   * {@link #spikes}.
   */
  public NetworkBuilder bin(int steps) {
    if (!(input instanceof InputSpec.Spikes spikes) || !layers.isEmpty()) {
      throw new IllegalStateException("bin: expected right after .spikes(channels).");
    }
    input = new InputSpec.Bins(spikes.channels(), duration, steps);
    return this;
  }

  /** The input is a vector of numbers at every step. */
  public NetworkBuilder sequence(int channels) {
    return input(new InputSpec.Sequence(channels));
  }

  /**
   * The input is a token at every step. It selects a row of a table of embeddings, if that comes
   * next, or of the first layer's input weights.
   */
  public NetworkBuilder tokens(int vocabulary) {
    return input(new InputSpec.Tokens(vocabulary));
  }

  private NetworkBuilder input(InputSpec chosen) {
    if (input != null) {
      throw new IllegalStateException(
          "input: expected one of spikes, sequence and tokens, got a second one.");
    }
    input = chosen;
    return this;
  }

  /** End of the simulation in ms; 60 unless set. Of event times only. */
  public NetworkBuilder duration(double ms) {
    duration = ms;
    return this;
  }

  /** FLOAT32 unless set; FLOAT64 on the java backend only. */
  public NetworkBuilder precision(DType type) {
    precision = type;
    return this;
  }

  /** Exact unless set. Of event times only. */
  public NetworkBuilder simulator(Simulator chosen) {
    simulator = chosen;
    return this;
  }

  /** A layer of any cell. */
  public NetworkBuilder layer(LayerSpec layer) {
    layers.add(layer);
    return this;
  }

  /** A table of embeddings with a number of columns. */
  public NetworkBuilder embedding(int columns) {
    return layer(new EmbeddingCell.Spec(columns));
  }

  /** A feed-forward spiking layer, reached from every neuron of the layer below. */
  public NetworkBuilder lif(int neurons, Lif lif, Weights weights) {
    return lif(neurons, lif, Connection.dense(weights), null);
  }

  /** A feed-forward spiking layer. */
  public NetworkBuilder lif(int neurons, Lif lif, Connection input) {
    return lif(neurons, lif, input, null);
  }

  /** A spiking layer with recurrent synapses, or without if {@code recurrent} is null. */
  public NetworkBuilder lif(int neurons, Lif lif, Connection from, Connection recurrent) {
    return layer(new LifCell.Spec(neurons, lif, from, recurrent));
  }

  /** A feed-forward layer of any hybrid neuron, reached from every neuron of the layer below. */
  public NetworkBuilder neuron(int neurons, Neuron neuron, Weights weights) {
    return neuron(neurons, neuron, Connection.dense(weights), null);
  }

  /**
   * A layer of any hybrid neuron, on the exact simulator and the java backend if it has no closed
   * form, with recurrent synapses, or without if {@code recurrent} is null; see {@link
   * io.tacet.neuron.Neurons}.
   */
  public NetworkBuilder neuron(int neurons, Neuron neuron, Connection from, Connection recurrent) {
    return layer(new NeuronCell.Spec(neurons, neuron, from, recurrent));
  }

  /** A feed-forward layer of LIF neurons with an adaptive threshold (ALIF). */
  public NetworkBuilder alif(int neurons, Weights weights) {
    return neuron(neurons, Neurons.alif(), weights);
  }

  /** A layer of event-gated recurrent units with the published settings. */
  public NetworkBuilder egru(int units) {
    return egru(units, Egru.defaults());
  }

  /** A layer of event-gated recurrent units. */
  public NetworkBuilder egru(int units, Egru settings) {
    return egru(units, settings, Connection.dense(), Connection.dense());
  }

  /** A layer of event-gated recurrent units. */
  public NetworkBuilder egru(int units, Egru settings, Connection from, Connection recurrent) {
    return layer(new EgruCell.Spec(units, settings, from, recurrent));
  }

  /** A gated recurrent layer without events: every unit sends its state at every step. */
  public NetworkBuilder gru(int units) {
    return gru(units, Connection.dense(), Connection.dense());
  }

  /** A gated recurrent layer without events. */
  public NetworkBuilder gru(int units, Connection from, Connection recurrent) {
    Egru plain = Egru.defaults().with(EgruOptions.defaults().withoutEvents());
    return egru(units, plain, from, recurrent);
  }

  /** A plain recurrent layer: every unit sends its state at every step. */
  public NetworkBuilder rnn(int units, Activation activation) {
    return rnn(units, activation, Connection.dense(), Connection.dense());
  }

  /** A plain recurrent layer. */
  public NetworkBuilder rnn(
      int units, Activation activation, Connection from, Connection recurrent) {
    return layer(new RnnCell.Spec(units, activation, from, recurrent));
  }

  /** A dense layer, each step by itself. */
  public NetworkBuilder dense(int units, Activation activation) {
    return dense(units, activation, Connection.dense());
  }

  /** A dense layer, each step by itself. */
  public NetworkBuilder dense(int units, Activation activation, Connection from) {
    return layer(new DenseCell.Spec(units, activation, from));
  }

  /** In each step the {@code winners} largest values of the layer below; the others become 0. */
  public NetworkBuilder winners(int winners) {
    return layer(new WinnersCell.Spec(winners));
  }

  /**
   * What the layer below sends in each step, less {@code gain} times its mean, above 0; see {@link
   * io.tacet.dense.GainControl}. The gain is fixed; that of a {@link GainControlCell.Spec} may
   * train.
   */
  public NetworkBuilder gainControl(double gain) {
    return layer(new GainControlCell.Spec(gain, false));
  }

  /** Non-spiking outputs on event times, read out by {@code reduction}. */
  public NetworkBuilder readout(
      int outputs, double tauMem, double tauSyn, Weights weights, Reduction reduction) {
    return layer(
        new VoltageReadout.Spec(outputs, tauMem, tauSyn, Connection.dense(weights), reduction));
  }

  /**
   * Linear outputs at the end of a sequence: of the trace where the layer below gives one, as those
   * of {@link #egru} and {@link #gru} do, else of the last step.
   */
  public NetworkBuilder readout(int outputs) {
    return layer(new LinearReadout.Spec(outputs, null, false));
  }

  /** Linear outputs of the last step. */
  public NetworkBuilder readoutOfLastStep(int outputs) {
    return layer(new LinearReadout.Spec(outputs, Reads.LAST_STEP, false));
  }

  /** Linear outputs of the last step, with initial weights. */
  public NetworkBuilder readoutOfLastStep(int outputs, Weights weights) {
    return layer(new LinearReadout.Spec(outputs, Reads.LAST_STEP, false, weights));
  }

  /** Linear outputs at every step. */
  public NetworkBuilder readoutOfEveryStep(int outputs) {
    return layer(new LinearReadout.Spec(outputs, Reads.EVERY_STEP, false));
  }

  /**
   * Linear outputs at every step that predict the next token.
   *
   * @param tied whether the table of embeddings is also the matrix
   */
  public NetworkBuilder nextToken(boolean tied) {
    if (!(input instanceof InputSpec.Tokens tokens)) {
      throw new IllegalStateException("nextToken: expected a network of .tokens(vocabulary).");
    }
    return layer(new LinearReadout.Spec(tokens.vocabulary(), Reads.EVERY_STEP, tied));
  }

  /**
   * The specification so far.
   *
   * @throws IllegalStateException if there is no input or no layer
   * @throws IllegalArgumentException if a layer does not take what is below it
   */
  public NetworkSpec spec() {
    if (input == null || layers.isEmpty()) {
      throw new IllegalStateException(
          "A network needs an input (spikes, sequence or tokens) and at least one layer before"
              + " build(seed).");
    }
    InputSpec whole = input;
    if (whole instanceof InputSpec.Spikes spikes) {
      whole = new InputSpec.Spikes(spikes.channels(), duration, simulator);
    } else if (whole instanceof InputSpec.Bins bins) {
      whole = new InputSpec.Bins(bins.channels(), duration, bins.steps());
    }
    return new NetworkSpec(whole, precision, layers);
  }

  /** A network with parameters drawn from the seed, the same on every backend. */
  public Network build(long seed) {
    if (backend == null) {
      throw new IllegalStateException(
          "build: expected a builder of Network.on(backend); this one ends with spec().");
    }
    return Network.build(backend, spec(), seed);
  }
}
