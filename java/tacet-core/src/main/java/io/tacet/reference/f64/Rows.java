package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.Synapses;
import java.util.Arrays;

/** Rows of a connectivity as Java arrays: what an event of a source does to its targets. */
abstract class Rows {
  final int sources;
  final int targets;
  final double[] weights;

  private Rows(int sources, int targets, double[] weights) {
    this.sources = sources;
    this.targets = targets;
    this.weights = weights;
  }

  static Rows of(Synapses synapses) {
    if (synapses instanceof DenseSynapses dense) {
      return new Dense(dense);
    }
    if (synapses instanceof CsrSynapses csr) {
      int[] offsets = (int[]) csr.rowOffsets().storage().heap();
      return new Csr(csr, offsets, csr.indices());
    }
    if (synapses instanceof FixedFanOutSynapses fixed) {
      int[] offsets = new int[fixed.sources() + 1];
      Arrays.setAll(offsets, i -> i * fixed.fanOut());
      return new Csr(fixed, offsets, fixed.indices());
    }
    throw new IllegalArgumentException(
        "synapses: spiking layers take dense, CSR and fixed fan-out synapses, got "
            + synapses.getClass().getSimpleName()
            + "; procedural synapses can be exported with toCsr.");
  }

  /** First synapse of a row. */
  abstract int begin(int source);

  /** One past the last synapse of a row. */
  abstract int end(int source);

  /** Target of synapse {@code s} in the row of {@code source}. */
  abstract int target(int source, int s);

  /** current[m] += w_sm for all targets m of the source. */
  abstract void add(int source, double[] current);

  /**
   * One pass over a row for the adjoint: gradient[s] -= tauSyn lambdaI of the target, and the
   * returned error of the event, sum of w (lambdaV - lambdaI) (Wunderlich and Pehle 2021, table 1).
   *
   * @param tauSyn of each target
   * @param gradient null where not wanted
   */
  final double adjoint(
      int source, double[] lambdaV, double[] lambdaI, double[] tauSyn, double[] gradient) {
    if (gradient != null) {
      addGradient(source, lambdaI, tauSyn, gradient, 0, targets);
    }
    return error(source, lambdaV, lambdaI, 0, targets);
  }

  /** gradient[s] -= tauSyn lambdaI of the target, for targets {@code low .. high-1}. */
  abstract void addGradient(
      int source, double[] lambdaI, double[] tauSyn, double[] gradient, int low, int high);

  /** Sum of w (lambdaV - lambdaI) over the targets {@code low .. high-1}. */
  abstract double error(int source, double[] lambdaV, double[] lambdaI, int low, int high);

  private static final class Dense extends Rows {
    Dense(DenseSynapses synapses) {
      super(synapses.sources(), synapses.targets(), Real.array(synapses.weights()));
    }

    @Override
    int begin(int source) {
      return source * targets;
    }

    @Override
    int end(int source) {
      return (source + 1) * targets;
    }

    @Override
    int target(int source, int s) {
      return s - source * targets;
    }

    @Override
    void add(int source, double[] current) {
      int row = source * targets;
      for (int m = 0; m < targets; m++) {
        current[m] += weights[row + m];
      }
    }

    @Override
    void addGradient(
        int source, double[] lambdaI, double[] tauSyn, double[] gradient, int low, int high) {
      int row = source * targets;
      for (int m = low; m < high; m++) {
        gradient[row + m] -= tauSyn[m] * lambdaI[m];
      }
    }

    @Override
    double error(int source, double[] lambdaV, double[] lambdaI, int low, int high) {
      int row = source * targets;
      // Four partial sums, since the order of a floating-point sum is fixed by the language.
      double e0 = 0;
      double e1 = 0;
      double e2 = 0;
      double e3 = 0;
      int m = low;
      for (; m + 3 < high; m += 4) {
        e0 += weights[row + m] * (lambdaV[m] - lambdaI[m]);
        e1 += weights[row + m + 1] * (lambdaV[m + 1] - lambdaI[m + 1]);
        e2 += weights[row + m + 2] * (lambdaV[m + 2] - lambdaI[m + 2]);
        e3 += weights[row + m + 3] * (lambdaV[m + 3] - lambdaI[m + 3]);
      }
      for (; m < high; m++) {
        e0 += weights[row + m] * (lambdaV[m] - lambdaI[m]);
      }
      return (e0 + e1) + (e2 + e3);
    }
  }

  private static final class Csr extends Rows {
    private final int[] offsets;

    /** Targets, with 32 or with 16 bits; the other is null. */
    private final int[] wide;

    private final short[] narrow;

    Csr(Synapses synapses, int[] offsets, DeviceArray targetOf) {
      super(synapses.sources(), synapses.targets(), Real.array(synapses.weights()));
      this.offsets = offsets;
      Object indices = targetOf.storage().heap();
      wide = indices instanceof int[] all ? all : null;
      narrow = indices instanceof short[] all ? all : null;
    }

    private static int target(short[] narrow, int[] wide, int s) {
      return narrow != null ? narrow[s] & 0xffff : wide[s];
    }

    @Override
    int begin(int source) {
      return offsets[source];
    }

    @Override
    int end(int source) {
      return offsets[source + 1];
    }

    @Override
    int target(int source, int s) {
      return target(narrow, wide, s);
    }

    /** First synapse of a row whose target is at least {@code target}; rows ascend. */
    private int first(int source, int target) {
      if (target == 0) {
        return offsets[source];
      }
      if (target == targets) {
        return offsets[source + 1];
      }
      int low = offsets[source];
      int high = offsets[source + 1];
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (target(narrow, wide, middle) < target) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    @Override
    void add(int source, double[] current) {
      add(weights, narrow, wide, offsets[source], offsets[source + 1], current);
    }

    private static void add(
        double[] w, short[] narrow, int[] wide, int begin, int end, double[] current) {
      for (int s = begin; s < end; s++) {
        current[target(narrow, wide, s)] += w[s];
      }
    }

    @Override
    void addGradient(
        int source, double[] lambdaI, double[] tauSyn, double[] gradient, int low, int high) {
      int end = first(source, high);
      for (int s = first(source, low); s < end; s++) {
        int m = target(narrow, wide, s);
        gradient[s] -= tauSyn[m] * lambdaI[m];
      }
    }

    @Override
    double error(int source, double[] lambdaV, double[] lambdaI, int low, int high) {
      double error = 0;
      int end = first(source, high);
      for (int s = first(source, low); s < end; s++) {
        int m = target(narrow, wide, s);
        error += weights[s] * (lambdaV[m] - lambdaI[m]);
      }
      return error;
    }
  }
}
