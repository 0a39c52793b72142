package io.tacet.reference;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.DelaySteps;
import io.tacet.sparse.Events;
import io.tacet.sparse.ProceduralSynapses;
import io.tacet.sparse.Synapses;
import io.tacet.spi.PropagationKernels;

/** Chooses the precision of each call by the element type of its arrays. */
final class JavaPropagation implements PropagationKernels {
  private final Workers workers;

  JavaPropagation(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void compact(DeviceArray activity, Events events) {
    if (activity.type() == DType.FLOAT64) {
      io.tacet.reference.f64.CompactionReference.compact(workers, activity, events);
    } else {
      io.tacet.reference.f32.CompactionReference.compact(workers, activity, events);
    }
  }

  @Override
  public void compactSilent(DeviceArray activity, double threshold, Events events) {
    if (activity.type() == DType.FLOAT64) {
      io.tacet.reference.f64.CompactionReference.silent(workers, activity, threshold, events);
    } else {
      io.tacet.reference.f32.CompactionReference.silent(
          workers, activity, (float) threshold, events);
    }
    expand(events);
  }

  @Override
  public void expand(Events events) {
    Bitmaps.expand(workers, events);
  }

  @Override
  public void arrivals(DeviceArray ring, DelaySteps delays, long step, Events events) {
    Bitmaps.arrivals(workers, ring, delays, step, events);
  }

  @Override
  public void take(DeviceArray ring, int slot, DeviceArray currents) {
    if (ring.type() == DType.FLOAT64) {
      io.tacet.reference.f64.CompactionReference.take(ring, slot, currents);
    } else {
      io.tacet.reference.f32.CompactionReference.take(ring, slot, currents);
    }
  }

  @Override
  public Plan plan(Synapses synapses, int batch, boolean deterministic) {
    return new JavaPlan(workers, synapses, batch);
  }

  /** Holds a plan for each precision of the synapses; always deterministic. */
  private static final class JavaPlan implements Plan {
    private final io.tacet.reference.f64.PropagationReference f64;
    private final io.tacet.reference.f32.PropagationReference f32;

    JavaPlan(Workers workers, Synapses synapses, int batch) {
      boolean both = synapses instanceof ProceduralSynapses;
      f64 =
          both || synapses.weights().type() == DType.FLOAT64
              ? new io.tacet.reference.f64.PropagationReference(workers, synapses, batch)
              : null;
      f32 =
          both || f64 == null
              ? new io.tacet.reference.f32.PropagationReference(workers, synapses, batch)
              : null;
    }

    private static boolean isDouble(Slots slots) {
      return slots.values().type() == DType.FLOAT64;
    }

    @Override
    public void forward(Events events, Slots target) {
      if (isDouble(target)) {
        f64.forward(events, target);
      } else {
        f32.forward(events, target);
      }
    }

    @Override
    public void transposed(Events events, Slots adjoint, DeviceArray sums) {
      if (isDouble(adjoint)) {
        f64.transposed(events, adjoint, sums);
      } else {
        f32.transposed(events, adjoint, sums);
      }
    }

    @Override
    public void weightGradient(Events events, Slots adjoint, DeviceArray gradient) {
      if (isDouble(adjoint)) {
        f64.weightGradient(events, adjoint, gradient);
      } else {
        f32.weightGradient(events, adjoint, gradient);
      }
    }

    @Override
    public void patternChanged() {}

    @Override
    public void close() {}
  }
}
