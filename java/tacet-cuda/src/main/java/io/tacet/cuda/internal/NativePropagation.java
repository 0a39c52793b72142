package io.tacet.cuda.internal;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.DelaySteps;
import io.tacet.sparse.Events;
import io.tacet.sparse.Synapses;
import io.tacet.spi.PropagationKernels;
import io.tacet.spi.SoleThread;

/** Event propagation of libtacet; nothing here waits for the device. */
final class NativePropagation implements PropagationKernels {
  private final NativeRuntime library;
  private final SoleThread callers;
  private final long stream;

  NativePropagation(NativeRuntime library, SoleThread callers, long stream) {
    this.library = library;
    this.callers = callers;
    this.stream = stream;
  }

  @Override
  public void compact(DeviceArray activity, Events events) {
    Calls.check(
        Tacet.tacet_compact(
            library.context(),
            activity.address(),
            events.batch(),
            events.sources(),
            events.capacity(),
            events.bitmap().address(),
            events.units().address(),
            Words.address(events.values()),
            events.counts().address(),
            stream));
  }

  @Override
  public void compactSilent(DeviceArray activity, double threshold, Events events) {
    Calls.check(
        Tacet.tacet_compact_silent(
            library.context(),
            activity.address(),
            (float) threshold,
            events.batch(),
            events.sources(),
            events.capacity(),
            events.bitmap().address(),
            events.units().address(),
            events.counts().address(),
            stream));
  }

  @Override
  public void expand(Events events) {
    Calls.check(
        Tacet.tacet_expand(
            library.context(),
            events.bitmap().address(),
            events.batch(),
            events.sources(),
            events.capacity(),
            events.units().address(),
            events.counts().address(),
            stream));
  }

  @Override
  public void arrivals(DeviceArray ring, DelaySteps delays, long step, Events events) {
    long slots = ring.length() / events.bitmap().length();
    Calls.check(
        Tacet.tacet_arrivals(
            library.context(),
            ring.address(),
            delays.steps().address(),
            Math.toIntExact(slots),
            (int) (step % slots),
            (int) Math.min(step, delays.largest()),
            events.batch(),
            events.sources(),
            events.bitmap().address(),
            stream));
    expand(events);
  }

  @Override
  public void take(DeviceArray ring, int slot, DeviceArray currents) {
    long offset = slot * currents.length() * currents.type().bytes();
    Calls.check(
        Tacet.tacet_propagate_take(
            library.context(),
            ring.address() + offset,
            currents.address(),
            currents.length(),
            stream));
  }

  @Override
  public Plan plan(Synapses synapses, int batch, boolean deterministic) {
    return new NativePlan(library.context(), callers, stream, synapses, batch, deterministic);
  }
}
