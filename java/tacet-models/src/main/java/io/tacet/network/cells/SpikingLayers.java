package io.tacet.network.cells;

import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Connection;
import io.tacet.network.EventCounter;
import io.tacet.network.Flow;
import io.tacet.network.RecurrentSynapses;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.Synapses;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** What layers of spiking neurons share, whatever their neuron. */
final class SpikingLayers {
  /** Room for events of a neuron to begin with; it grows. */
  private static final int SPIKES_PER_NEURON = 2;

  private SpikingLayers() {}

  /**
   * Checks the synapses of a layer, and that weights are given: spiking layers have no usual ones.
   *
   * @param layer what the user called
   * @param recurrent null for none
   */
  static void check(String layer, int neurons, Connection input, Connection recurrent) {
    Specs.positive("neurons", neurons);
    check("input", layer, input);
    input.connectivity().checkTargets("input", neurons);
    if (recurrent != null) {
      check("recurrent", layer, recurrent);
      recurrent.connectivity().check("recurrent", neurons, neurons);
    }
  }

  private static void check(String name, String layer, Connection connection) {
    Specs.refuseGates(name, layer, connection);
    if (connection.weights() == null) {
      throw new IllegalArgumentException(
          name
              + ": expected initial weights, which decide how much a spiking layer fires, got"
              + " none. Say, for instance, Weights.normal(mean, deviation).");
    }
  }

  /** The events of a layer, over those of another. */
  static Flow over(String layer, Flow below, int neurons, Connection input) {
    below.require(layer, Flow.Kind.SPIKES);
    input.connectivity().check("input", below.columns(), neurons);
    return new Flow(Flow.Kind.SPIKES, neurons);
  }

  /** Capacity for the spikes of a sample to begin with. */
  static int capacity(int neurons) {
    return 16 + SPIKES_PER_NEURON * neurons;
  }

  /**
   * Counts the spikes of the last pass.
   *
   * @param spikes of that pass
   * @param kick where a push goes; null when not training
   */
  static EventCounter counter(int neurons, int batch, Supplier<Spikes> spikes, DeviceArray kick) {
    return new EventCounter(
        neurons, batch, () -> count(neurons, spikes.get()), () -> spikes.get().counts(), kick);
  }

  private static int[] count(int neurons, Spikes spikes) {
    int[] events = new int[neurons];
    int[] counts = spikes.counts().toInts();
    int[] units = spikes.units().toInts();
    for (int b = 0; b < counts.length; b++) {
      for (int e = 0; e < counts[b]; e++) {
        events[units[b * spikes.capacity() + e]]++;
      }
    }
    return events;
  }

  /**
   * The same spikes with errors of their own, to which a pass may add.
   *
   * @param owner of these errors
   */
  static Spikes withCopiedErrors(Spikes spikes, Resources owner) {
    DeviceArray errors = spikes.errors();
    DeviceArray copy = owner.own(errors.backend().allocate(errors.type(), errors.shape()));
    copy.copyFrom(errors.toDoubles());
    return spikes.with(array -> array == errors ? copy : array);
  }

  /**
   * Copies the errors of spikes to those of another pass of the same neurons. A sample in which it
   * has other neurons spike, because rounding has made a spike or spared one, gets errors of 0.
   */
  static void copyErrors(Spikes from, Spikes to) {
    int[] counts = from.counts().toInts();
    int[] others = to.counts().toInts();
    int[] units = from.units().toInts();
    int[] otherUnits = to.units().toInts();
    double[] errors = from.errors().toDoubles();
    double[] copied = new double[Math.toIntExact(to.errors().length())];
    for (int b = 0; b < counts.length; b++) {
      int at = b * from.capacity();
      int end = at + counts[b];
      int to0 = b * to.capacity();
      if (Arrays.equals(units, at, end, otherUnits, to0, to0 + others[b])) {
        System.arraycopy(errors, at, copied, to0, counts[b]);
      }
    }
    to.errors().copyFrom(copied);
  }

  /** See {@link io.tacet.network.Layer#recurrent}. */
  static List<RecurrentSynapses> recurrent(int neurons, Synapses synapses, DeviceArray gradient) {
    if (synapses instanceof CsrSynapses sparse) {
      SparsePattern pattern = SparsePattern.of(sparse);
      return List.of(new RecurrentSynapses(neurons, 1, pattern, sparse.weights(), gradient));
    }
    return synapses instanceof DenseSynapses
        ? List.of(new RecurrentSynapses(neurons, 1, null, synapses.weights(), gradient))
        : List.of();
  }
}
