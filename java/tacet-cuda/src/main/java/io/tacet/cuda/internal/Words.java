package io.tacet.cuda.internal;

import io.tacet.dense.Activation;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifParameters;
import io.tacet.eventprop.LifVariant;
import io.tacet.eventprop.Spikes;
import io.tacet.eventprop.VariantGradients;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.BlockSparseSynapses;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.DelaySteps;
import io.tacet.sparse.Delays;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.Events;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.ProceduralSynapses;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.Synapses;
import io.tacet.sparse.WeightLaw;
import io.tacet.spi.PropagationKernels.Slots;

/** The structures of the C ABI as arrays of 64-bit words, in the order of their members. */
final class Words {
  /** Words of {@code tacet_rows}: where the shape begins, and the two arrays that go with it. */
  static final int ROWS_SHAPE = 14;

  static final int ROWS_SUMS = 19;
  static final int ROWS_PIVOTS = 20;
  static final int ROWS_PARTIALS = 21;

  private Words() {}

  /** The address, or 0 for null. */
  static long address(DeviceArray array) {
    return array == null ? 0 : array.address();
  }

  /** The number of an activation. */
  static int of(Activation activation) {
    return switch (activation) {
      case IDENTITY -> Tacet.TACET_IDENTITY;
      case TANH -> Tacet.TACET_TANH;
      case RELU -> Tacet.TACET_RELU;
      case SIGMOID -> Tacet.TACET_SIGMOID;
    };
  }

  /** The number of a distribution. */
  static int of(WeightLaw.Kind law) {
    return switch (law) {
      case CONSTANT -> Tacet.TACET_CONSTANT;
      case UNIFORM -> Tacet.TACET_UNIFORM;
      case NORMAL -> Tacet.TACET_NORMAL;
    };
  }

  /** {@code tacet_pattern}; null for null, which is that of dense weights. */
  static long[] pattern(SparsePattern pattern) {
    return pattern == null
        ? null
        : new long[] {
          pattern.rowOffsets().address(),
          pattern.indices().address(),
          pattern.indices().type().bytes(),
          pattern.places(),
          pattern.sources(),
          pattern.targets()
        };
  }

  /** {@code tacet_synapses} of a layer alone; null for null. */
  static long[] synapses(Synapses synapses, long longest) {
    return synapses(synapses, longest, 1);
  }

  /** The same of several replicas, whose arrays follow. */
  static long[] synapses(Synapses synapses, long longest, int replicas) {
    if (synapses == null) {
      return null;
    }
    long[] words = new long[Tacet.TACET_SYNAPSES_WORDS];
    words[8] = longest;
    if (synapses instanceof CsrSynapses csr) {
      words[1] = csr.rowOffsets().address();
      words[2] = csr.indices().address();
      words[6] = csr.indices().type().bytes();
    } else if (synapses instanceof FixedFanOutSynapses fixed) {
      words[2] = fixed.indices().address();
      words[6] = fixed.indices().type().bytes();
      words[8] = fixed.fanOut();
    } else if (!(synapses instanceof DenseSynapses)) {
      throw new IllegalArgumentException(
          "synapses: spiking layers take dense, CSR and fixed fan-out synapses, got "
              + synapses.getClass().getSimpleName()
              + "; procedural synapses can be exported with toCsr.");
    }
    words[0] = synapses.weights().address();
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
    words[9] = replicas;
    words[10] = synapses.count();
    return words;
  }

  /** {@code tacet_lif}. */
  static long[] lif(LifParameters lif) {
    long[] words = new long[Tacet.TACET_LIF_WORDS];
    int k = 0;
    for (DeviceArray parameter : lif.parameters()) {
      words[k] = address(parameter);
      words[k + 5] = parameter == null ? 1 : parameter.length();
      k++;
    }
    return words;
  }

  /** {@code tacet_variant}; null for null. */
  static long[] variant(LifVariant variant) {
    if (variant == null) {
      return null;
    }
    long[] words = new long[Tacet.TACET_VARIANT_WORDS];
    words[0] = variant.leaky() ? 1 : 0;
    words[1] = variant.alphaSynapses() ? 1 : 0;
    int k = 2;
    for (DeviceArray parameter : variant.parameters()) {
      words[k] = address(parameter);
      words[k + 6] = parameter == null ? 1 : parameter.length();
      k++;
    }
    return words;
  }

  /** {@code tacet_variant_gradients}; null for null. */
  static long[] gradients(VariantGradients gradients) {
    return gradients == null
        ? null
        : gradients.parameters().stream().mapToLong(Words::address).toArray();
  }

  /** {@code tacet_events}. */
  static long[] events(Spikes spikes) {
    return events(spikes, 1);
  }

  /** The same of several replicas, whose arrays follow. */
  static long[] events(Spikes spikes, int replicas) {
    return new long[] {
      spikes.counts().address(),
      spikes.times().address(),
      spikes.units().address(),
      address(spikes.slopes()),
      address(spikes.errors()),
      address(spikes.grazes()),
      (long) replicas * spikes.batch(),
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

  /** {@code tacet_rows}, without shape, pivots and partial sums. */
  static long[] rows(Synapses synapses) {
    long[] words = new long[Tacet.TACET_ROWS_WORDS];
    words[4] = synapses.sources();
    words[5] = synapses.targets();
    words[7] = synapses.count();
    if (synapses instanceof ProceduralSynapses procedural) {
      words[3] = Tacet.TACET_PROCEDURAL;
      words[8] = procedural.fanOut();
      words[9] = procedural.seed();
      words[10] = procedural.stratum();
      words[11] = of(procedural.law().kind());
      words[12] = Float.floatToRawIntBits(procedural.law().first());
      words[13] = Float.floatToRawIntBits(procedural.law().second());
      return words;
    }
    words[0] = synapses.weights().address();
    if (synapses instanceof CsrSynapses csr) {
      words[1] = csr.rowOffsets().address();
      indices(words, Tacet.TACET_CSR, csr.indices(), 0);
    } else if (synapses instanceof FixedFanOutSynapses fixed) {
      indices(words, Tacet.TACET_FAN_OUT, fixed.indices(), fixed.fanOut());
    } else if (synapses instanceof BlockSparseSynapses blocks) {
      words[1] = blocks.blockOffsets().address();
      indices(words, Tacet.TACET_BLOCKS, blocks.blockIndices(), blocks.blockSize());
    } else {
      words[3] = Tacet.TACET_DENSE;
    }
    return words;
  }

  private static void indices(long[] words, int format, DeviceArray indices, int rowLength) {
    words[2] = indices.address();
    words[3] = format;
    words[6] = indices.type().bytes();
    words[8] = rowLength;
  }

  /** Whether rows have a list of targets or blocks, in which tiles have to be found. */
  static boolean hasIndices(Synapses synapses) {
    return !(synapses instanceof DenseSynapses) && !(synapses instanceof ProceduralSynapses);
  }

  /** {@code tacet_lists}. */
  static long[] lists(Events events) {
    return new long[] {
      events.counts().address(),
      events.units().address(),
      address(events.values()),
      events.bitmap().address(),
      events.batch(),
      events.capacity()
    };
  }

  /** {@code tacet_slots}. */
  static long[] slots(Slots slots) {
    DelaySteps delays = slots.delays();
    boolean perSynapse = delays != null && delays.kind() == Delays.Kind.PER_SYNAPSE;
    return new long[] {
      slots.values().address(),
      delays == null ? 0 : delays.steps().address(),
      perSynapse ? 1 : 0,
      slots.slots(),
      slots.slot()
    };
  }
}
