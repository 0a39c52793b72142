package io.tacet.cuda.internal;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Events;
import io.tacet.sparse.Synapses;
import io.tacet.spi.PropagationKernels.Plan;
import io.tacet.spi.PropagationKernels.Slots;
import io.tacet.spi.SoleThread;

/**
 * Event propagation through one connectivity: the shape of the launches, where tiles begin within
 * rows, and scratch memory; one set without delays and one with, each created on first use.
 */
final class NativePlan implements Plan {
  private final long context;
  private final SoleThread callers;
  private final long stream;
  private final Synapses synapses;
  private final int batch;
  private final boolean deterministic;
  private final Sums sums;
  private Cut now;
  private Cut later;

  NativePlan(
      long context,
      SoleThread callers,
      long stream,
      Synapses synapses,
      int batch,
      boolean deterministic) {
    this.context = context;
    this.callers = callers;
    this.stream = stream;
    this.synapses = synapses;
    this.batch = batch;
    this.deterministic = deterministic;
    Sums chosen = Sums.chosen();
    sums = deterministic ? chosen : Sums.FLOAT32;
  }

  @Override
  public void forward(Events events, Slots target) {
    callers.run(
        () ->
            Calls.check(
                Tacet.tacet_propagate_forward(
                    context,
                    cut(target).rows(),
                    Words.lists(events),
                    Words.slots(target),
                    deterministic ? 1 : 0,
                    stream)));
  }

  @Override
  public void transposed(Events events, Slots adjoint, DeviceArray sums) {
    callers.run(
        () ->
            Calls.check(
                Tacet.tacet_propagate_transposed(
                    context,
                    cut(adjoint).rows(),
                    Words.lists(events),
                    Words.slots(adjoint),
                    sums.address(),
                    stream)));
  }

  @Override
  public void weightGradient(Events events, Slots adjoint, DeviceArray gradient) {
    callers.run(
        () ->
            Calls.check(
                Tacet.tacet_propagate_gradient(
                    context,
                    cut(adjoint).rows(),
                    Words.lists(events),
                    Words.slots(adjoint),
                    gradient.address(),
                    stream)));
  }

  @Override
  public void patternChanged() {
    for (Cut cut : new Cut[] {now, later}) {
      if (cut != null) {
        cut.findPivots();
      }
    }
  }

  @Override
  public void close() {
    for (Cut cut : new Cut[] {now, later}) {
      if (cut != null) {
        cut.close();
      }
    }
  }

  private Cut cut(Slots slots) {
    if (slots.delays() == null) {
      now = now == null ? made(false) : now;
      return now;
    }
    later = later == null ? made(true) : later;
    return later;
  }

  private Cut made(boolean delayed) {
    return new Cut(context, stream, synapses, batch, delayed, sums);
  }
}
