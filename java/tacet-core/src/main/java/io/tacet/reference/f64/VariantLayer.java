package io.tacet.reference.f64;

import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.LifVariant;
import io.tacet.memory.DeviceArray;

/** What the neurons of a variant have beside what {@link Layer} has; see {@link LifVariant}. */
final class VariantLayer {
  final Layer base;
  final boolean leaky;
  final boolean alphaSynapses;
  final double[] threshold;
  final double[] bias;

  /** Null for a soft reset. */
  final double[] reset;

  /** Null where there is none, as are the others. */
  final double[] refractory;

  final double[] tauInhibitory;
  final double[] tauThreshold;
  final double[] thresholdJump;
  final double[] tauAdaptation;
  final double[] adaptationJump;

  VariantLayer(Layer base, LifLayer layer) {
    this.base = base;
    LifVariant variant = layer.variant();
    variant.checkValues(base.neurons);
    leaky = variant.leaky();
    alphaSynapses = variant.alphaSynapses();
    threshold = base.perNeuron(layer.lif().threshold());
    bias = base.perNeuron(layer.lif().bias());
    reset = orNull(layer.lif().reset());
    refractory = orNull(variant.refractory());
    tauInhibitory = orNull(variant.tauInhibitory());
    tauThreshold = orNull(variant.tauThreshold());
    thresholdJump = orNull(variant.thresholdJump());
    tauAdaptation = orNull(variant.tauAdaptation());
    adaptationJump = orNull(variant.adaptationJump());
  }

  private double[] orNull(DeviceArray parameter) {
    return parameter == null ? null : base.perNeuron(parameter);
  }

  /** End of the refractory period after a spike; of none, the spike itself. */
  double freeFrom(int n, double spike) {
    return refractory == null ? spike : spike + refractory[n];
  }

  /** The variable that a weight is added to. */
  int receptor(double weight) {
    return reached(weight < 0 && tauInhibitory != null ? VariantNeuron.J : VariantNeuron.I);
  }

  /** What weights of a current are added to: it, or its onset. */
  int reached(int current) {
    return alphaSynapses ? current + VariantNeuron.ONSET : current;
  }

  /** How many of the variables a neuron has, the last ones only with alpha synapses. */
  int variables() {
    return alphaSynapses ? VariantNeuron.VARIABLES : VariantNeuron.VARIABLES - 2;
  }

  double weight(int synapse) {
    return synapse >= 0 ? base.input.weights[synapse] : base.recurrent.weights[-2 - synapse];
  }
}
