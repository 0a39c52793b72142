package io.tacet.cuda.internal;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.simulation.DelayedSynapses;
import io.tacet.simulation.LifNetwork;
import io.tacet.simulation.PoissonInput;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.DelayRing;
import io.tacet.sparse.Events;
import io.tacet.spi.PropagationKernels.Slots;
import io.tacet.spi.SimulationKernels;
import io.tacet.spi.SoleThread;

/** Simulations of libtacet: one call for many steps, which does not wait for the device. */
final class NativeSimulation implements SimulationKernels {
  private final long context;
  private final SoleThread callers;
  private final long stream;

  NativeSimulation(NativeRuntime library, SoleThread callers, long stream) {
    context = library.context();
    this.callers = callers;
    this.stream = stream;
  }

  @Override
  public Plan plan(LifNetwork network, Neurons neurons, DelayRing ring, SpikeRecord record) {
    return new NetworkPlan(network, neurons, ring, record);
  }

  private final class NetworkPlan implements Plan {
    private final Resources owned = new Resources();
    private final Cut cut;
    private final long[] slots;
    private final long[] words;

    NetworkPlan(LifNetwork network, Neurons neurons, DelayRing ring, SpikeRecord record) {
      DelayedSynapses synapses = network.synapses();
      int n = network.neurons();
      Backend backend = synapses.weights().backend();
      // A view for the launches with delays, which allow several synapses of a pair.
      CsrSynapses rows =
          new CsrSynapses(
              n, n, synapses.rowOffsets(), synapses.targets(), synapses.weights(), null);
      slots = Words.slots(new Slots(ring.values(), synapses.delays(), ring.slots(), 0));
      try {
        cut = owned.own(new Cut(context, stream, rows, 1, true, Sums.FLOAT32));
        words =
            words(
                network,
                neurons,
                record,
                owned.own(backend.allocate(DType.INT32, Events.words(n))),
                owned.own(backend.allocate(DType.INT32, n)),
                owned.own(backend.allocate(DType.INT32, 1)));
      } catch (RuntimeException | Error e) {
        owned.close();
        throw e;
      }
    }

    @Override
    public int advance(long first, int count) {
      callers.run(
          () ->
              Calls.check(
                  Tacet.tacet_simulation_advance(
                      context, cut.rows(), slots, words, first, count, stream)));
      return count;
    }

    @Override
    public void close() {
      owned.close();
    }
  }

  /** {@code tacet_simulation}. */
  private static long[] words(
      LifNetwork network,
      Neurons neurons,
      SpikeRecord record,
      DeviceArray bitmap,
      DeviceArray list,
      DeviceArray count) {
    PoissonInput input = network.input();
    return new long[] {
      neurons.alpha().address(),
      neurons.beta().address(),
      neurons.gamma().address(),
      neurons.drive().address(),
      neurons.threshold().address(),
      neurons.reset().address(),
      neurons.potentials().address(),
      neurons.currents().address(),
      neurons.countdowns().address(),
      input == null ? 0 : input.classes().address(),
      input == null ? 0 : input.limits().address(),
      input == null ? 0 : input.starts().address(),
      input == null ? 0 : input.weights().address(),
      input == null ? 0 : input.seed(),
      input == null ? 0 : input.width(),
      network.neurons(),
      network.refractory(),
      record.steps().address(),
      record.units().address(),
      record.count().address(),
      bitmap.address(),
      list.address(),
      count.address()
    };
  }
}
