package io.tacet.reference.f64;

import io.tacet.eventprop.LifLayer;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Delays;
import io.tacet.sparse.Synapses;
import java.util.Arrays;

/**
 * A LIF layer as Java arrays. The bias is taken out by measuring the potential from it: u = V - b,
 * so threshold and reset are reduced by b and u starts at -b.
 */
final class Layer {
  final int neurons;
  final double duration;

  /** See {@link LifLayer#leastSlope}. */
  final double leastSlope;

  final Rows input;
  final Rows recurrent;
  final double[] inputDelays;
  final boolean inputDelaysPerSource;
  final double[] recurrentDelays;
  final boolean recurrentDelaysPerSource;
  final double[] tauMem;
  final double[] tauSyn;
  final double[] theta;

  /** Null for a soft reset. */
  final double[] reset;

  final double[] start;

  /** A neuron whose current is not above its gate cannot reach theta. */
  final double[] gate;

  final boolean biased;
  final boolean sharedTimeConstants;

  Layer(LifLayer layer) {
    neurons = layer.neurons();
    duration = Real.of(layer.duration());
    leastSlope = Real.of(layer.leastSlope());
    input = Rows.of(layer.input());
    inputDelays = delays("input", layer.input());
    inputDelaysPerSource = perSource(layer.input());
    recurrent = layer.recurrent() == null ? null : Rows.of(layer.recurrent());
    recurrentDelays = layer.recurrent() == null ? null : delays("recurrent", layer.recurrent());
    recurrentDelaysPerSource = layer.recurrent() != null && perSource(layer.recurrent());
    sharedTimeConstants = layer.lif().sharedTimeConstants();
    tauMem = perNeuron(layer.lif().tauMem());
    tauSyn = perNeuron(layer.lif().tauSyn());
    double[] bias = perNeuron(layer.lif().bias());
    theta = perNeuron(layer.lif().threshold());
    reset = layer.lif().reset() == null ? null : perNeuron(layer.lif().reset());
    start = new double[neurons];
    gate = new double[neurons];
    boolean anyBias = false;
    boolean sensible = true;
    for (int n = 0; n < neurons; n++) {
      theta[n] -= bias[n];
      start[n] = -bias[n];
      gate[n] = theta[n] < 0 ? Double.NEGATIVE_INFINITY : theta[n];
      anyBias |= bias[n] != 0;
      if (reset != null) {
        reset[n] -= bias[n];
        sensible &= reset[n] < theta[n] && Double.isFinite(reset[n]);
      }
      sensible &=
          tauMem[n] > 0
              && tauSyn[n] > 0
              && tauMem[n] > Real.EPSILON * tauSyn[n]
              && tauSyn[n] > Real.EPSILON * tauMem[n]
              && theta[n] > start[n]
              && Double.isFinite(tauMem[n] + tauSyn[n])
              && Double.isFinite(theta[n]);
    }
    if (!sensible) {
      layer.lif().checkValues(neurons);
    }
    biased = anyBias;
  }

  private static double[] delays(String what, Synapses synapses) {
    if (synapses.delays() == null) {
      return null;
    }
    double[] delays = Real.array(synapses.delays().values());
    for (double delay : delays) {
      if (!(delay >= 0 && delay < Double.POSITIVE_INFINITY)) {
        synapses.delays().checkValues(what);
      }
    }
    return delays;
  }

  private static boolean perSource(Synapses synapses) {
    return synapses.delays() != null && synapses.delays().kind() == Delays.Kind.PER_SOURCE;
  }

  /** A value for each neuron. */
  double[] perNeuron(DeviceArray parameter) {
    double[] values = Real.array(parameter);
    if (values.length == neurons) {
      return values.clone();
    }
    double[] all = new double[neurons];
    Arrays.fill(all, values[0]);
    return all;
  }

  /** Whether neurons can be advanced together, event by event, without a queue. */
  boolean sweepable() {
    return recurrent == null
        && sharedTimeConstants
        && (inputDelays == null || inputDelaysPerSource);
  }

  double inputDelay(int source, int synapse) {
    if (inputDelays == null) {
      return 0;
    }
    return inputDelays[inputDelaysPerSource ? source : synapse];
  }

  double recurrentDelay(int source, int synapse) {
    if (recurrentDelays == null) {
      return 0;
    }
    return recurrentDelays[recurrentDelaysPerSource ? source : synapse];
  }
}
