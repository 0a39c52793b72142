package io.tacet.tasks;

import io.tacet.network.Connection;
import io.tacet.network.LayerSpec;
import io.tacet.network.Lif;
import io.tacet.network.Weights;
import io.tacet.network.cells.LifCell;
import io.tacet.network.cells.NeuronCell;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import java.util.function.UnaryOperator;

/** Hidden neurons of a spiking task, with the scale of weights that makes them fire like LIF. */
enum HiddenNeuron {
  LIF(1),
  REFRACTORY(1),
  NONLEAKY(0.5),
  ALIF(1),
  ALPHA(1.2),
  QIF(0.8),
  EXPONENTIAL(1.5),
  ADEX(1.5),
  IZHIKEVICH(2.5);

  private static final double REFRACTORY_MS = 2;
  private static final double TOLERANCE = 1e-7;

  private final double scale;

  HiddenNeuron(double scale) {
    this.scale = scale;
  }

  private Neuron neuron() {
    return switch (this) {
      case LIF -> Neurons.lif();
      case REFRACTORY -> Neurons.refractory(REFRACTORY_MS);
      case NONLEAKY -> Neurons.nonLeaky();
      case ALIF -> Neurons.alif();
      case ALPHA -> Neurons.alpha();
      case QIF -> Neurons.qif().tolerance(TOLERANCE);
      case EXPONENTIAL -> Neurons.exponential().tolerance(TOLERANCE);
      case ADEX -> Neurons.adex().tolerance(TOLERANCE);
      case IZHIKEVICH -> Neurons.izhikevich().tolerance(TOLERANCE);
    };
  }

  /** Normal weights of a LIF layer, in the scale of these neurons. */
  Weights weights(double mean, double deviation) {
    return Weights.normal(scale * mean, scale * deviation);
  }

  /**
   * A feed-forward layer.
   *
   * @param lif what LIF neurons are like
   */
  LayerSpec layer(int neurons, Lif lif, Connection input) {
    return layer(neurons, lif, input, null, UnaryOperator.identity());
  }

  /**
   * A layer.
   *
   * @param lif what LIF neurons are like
   * @param recurrent synapses within the layer; null for none
   * @param change of neurons other than LIF
   */
  LayerSpec layer(
      int neurons, Lif lif, Connection input, Connection recurrent, UnaryOperator<Neuron> change) {
    return this == LIF
        ? new LifCell.Spec(neurons, lif, input, recurrent)
        : new NeuronCell.Spec(neurons, change.apply(neuron()), input, recurrent);
  }
}
