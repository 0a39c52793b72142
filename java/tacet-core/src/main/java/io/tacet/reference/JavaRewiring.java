package io.tacet.reference;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.rewire.Companion;
import io.tacet.rewire.GradientFactors;
import io.tacet.rewire.RandomWalk;
import io.tacet.rewire.Wiring;
import io.tacet.spi.RewiringKernels;
import java.util.List;

/** Chooses the precision of each call by the element type of its arrays. */
final class JavaRewiring implements RewiringKernels {
  private final Workers workers;

  JavaRewiring(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void markSmallest(
      Wiring wiring, DeviceArray values, long count, boolean onlyMarked, DeviceArray marks) {
    if (values.type() == DType.FLOAT64) {
      io.tacet.reference.f64.SynapseMarks.smallest(wiring, values, count, onlyMarked, marks);
    } else {
      io.tacet.reference.f32.SynapseMarks.smallest(wiring, values, count, onlyMarked, marks);
    }
  }

  @Override
  public long markCrossed(
      Wiring wiring,
      DeviceArray weights,
      DeviceArray signs,
      RandomWalk walk,
      long seed,
      int step,
      DeviceArray marks) {
    return weights.type() == DType.FLOAT64
        ? io.tacet.reference.f64.SynapseMarks.crossed(
            wiring, weights, signs, walk, seed, step, marks)
        : io.tacet.reference.f32.SynapseMarks.crossed(
            wiring, weights, signs, walk, seed, step, marks);
  }

  @Override
  public void findLargest(
      Wiring wiring, DeviceArray marks, GradientFactors factors, long count, DeviceArray found) {
    if (factors.errors().type() == DType.FLOAT64) {
      io.tacet.reference.f64.AbsentSynapses.largest(workers, wiring, marks, factors, found);
    } else {
      io.tacet.reference.f32.AbsentSynapses.largest(workers, wiring, marks, factors, found);
    }
  }

  @Override
  public void replace(
      Wiring wiring,
      List<Companion> companions,
      DeviceArray marks,
      long left,
      long grow,
      DeviceArray pairs,
      long seed,
      int step) {
    if (companions.get(0).array().type() == DType.FLOAT64) {
      new io.tacet.reference.f64.SynapseMoves(wiring, companions, marks)
          .replace(grow, pairs, seed, step);
    } else {
      new io.tacet.reference.f32.SynapseMoves(wiring, companions, marks)
          .replace(grow, pairs, seed, step);
    }
  }
}
