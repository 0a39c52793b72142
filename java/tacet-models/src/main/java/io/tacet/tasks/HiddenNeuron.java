package io.tacet.tasks;

import io.tacet.network.Connection;
import io.tacet.network.LayerSpec;
import io.tacet.network.Lif;
import io.tacet.network.Weights;
import io.tacet.network.cells.LifCell;
import io.tacet.network.cells.NeuronCell;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;

/** Hidden neurons of a spiking task, with the scale of weights that makes them fire like LIF. */
enum HiddenNeuron {
  LIF(null, 1),
  REFRACTORY(Neurons.refractory(2), 1),
  NON_LEAKY(Neurons.nonLeaky(), 0.5),
  ALIF(Neurons.alif(), 1),
  QIF(Neurons.qif(), 0.8),
  EXPONENTIAL(Neurons.exponential(), 1.5),
  ADEX(Neurons.adex(), 1.5),
  IZHIKEVICH(Neurons.izhikevich(), 2.5);

  private static final double TOLERANCE = 1e-7;

  private final Neuron neuron;
  private final double scale;

  HiddenNeuron(Neuron neuron, double scale) {
    this.neuron = neuron == null || neuron.tolerance() == 0 ? neuron : neuron.tolerance(TOLERANCE);
    this.scale = scale;
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
    return neuron == null
        ? new LifCell.Spec(neurons, lif, input, null)
        : new NeuronCell.Spec(neurons, neuron, input, null);
  }
}
