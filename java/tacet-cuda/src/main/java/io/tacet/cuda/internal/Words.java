package io.tacet.cuda.internal;

import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifParameters;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Delays;
import io.tacet.sparse.Synapses;

/** The structures of the C ABI as arrays of 64-bit words, in the order of their members. */
final class Words {
  private Words() {}

  /** The address, or 0 for null. */
  static long address(DeviceArray array) {
    return array == null ? 0 : array.address();
  }

  /** {@code tacet_synapses}; null for null. */
  static long[] synapses(Synapses synapses, long longest) {
    if (synapses == null) {
      return null;
    }
    long[] words = new long[Tacet.TACET_SYNAPSES_WORDS];
    words[0] = synapses.weights().address();
    if (synapses instanceof CsrSynapses csr) {
      words[1] = csr.rowOffsets().address();
      words[2] = csr.indices().address();
      words[6] = csr.indices().type().bytes();
    }
    Delays delays = synapses.delays();
    if (delays != null) {
      words[3] = delays.values().address();
      words[7] =
          delays.kind() == Delays.Kind.PER_SOURCE
              ? Tacet.TACET_DELAY_PER_SOURCE
              : Tacet.TACET_DELAY_PER_SYNAPSE;
    }
    words[4] = synapses.sources();
    words[5] = synapses.targets();
    words[8] = longest;
    return words;
  }

  /** {@code tacet_lif}. */
  static long[] lif(LifParameters lif) {
    long[] words = new long[Tacet.TACET_LIF_WORDS];
    int k = 0;
    for (DeviceArray parameter : lif.arrays()) {
      words[k] = parameter.address();
      words[k + 5] = parameter.length();
      k++;
    }
    return words;
  }

  /** {@code tacet_events}. */
  static long[] events(Spikes spikes) {
    return new long[] {
      spikes.counts().address(),
      spikes.times().address(),
      spikes.units().address(),
      address(spikes.slopes()),
      address(spikes.errors()),
      address(spikes.grazes()),
      spikes.batch(),
      spikes.capacity()
    };
  }

  /** {@code tacet_gradients}. */
  static long[] gradients(LayerGradients gradients) {
    return new long[] {
      address(gradients.inputWeights()),
      address(gradients.inputDelays()),
      address(gradients.recurrentWeights()),
      address(gradients.recurrentDelays()),
      address(gradients.tauMem()),
      address(gradients.tauSyn()),
      address(gradients.threshold()),
      address(gradients.reset()),
      address(gradients.bias())
    };
  }
}
