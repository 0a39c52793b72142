package io.tacet.vector;

import io.tacet.spi.VectorLoops;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One target at a time in a register of 128 bits: 7 loads and 3 stores of a synapse become 3 and 1.
 * Products and sums are rounded one after the other, as in the plain loops.
 */
final class GateLoops implements VectorLoops {
  private static final int GATES = 3;

  /** Numbers in a register, and places of a target. */
  private static final int WIDTH = 4;

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_128;

  @Override
  public void addGates(
      Object weights, short[] narrow, int[] wide, int begin, int end, double x, Object sums) {
    float[] w = (float[]) weights;
    float[] out = (float[]) sums;
    float factor = (float) x;
    // A register reaches a weight beyond those of its synapse.
    int last = Math.min(end, w.length / GATES - 1);
    if (narrow != null) {
      add(w, narrow, begin, last, factor, out);
    } else {
      add(w, wide, begin, last, factor, out);
    }
    for (int k = Math.max(begin, last); k < end; k++) {
      int m = WIDTH * (narrow != null ? narrow[k] & 0xffff : wide[k]);
      for (int gate = 0; gate < GATES; gate++) {
        out[m + gate] += factor * w[GATES * k + gate];
      }
    }
  }

  private static void add(float[] w, short[] targets, int begin, int end, float x, float[] out) {
    FloatVector factors = factors(x);
    for (int k = begin; k < end; k++) {
      add(w, k, factors, WIDTH * (targets[k] & 0xffff), out);
    }
  }

  private static void add(float[] w, int[] targets, int begin, int end, float x, float[] out) {
    FloatVector factors = factors(x);
    for (int k = begin; k < end; k++) {
      add(w, k, factors, WIDTH * targets[k], out);
    }
  }

  private static void add(float[] w, int k, FloatVector factors, int at, float[] out) {
    FloatVector.fromArray(SPECIES, w, GATES * k)
        .mul(factors)
        .add(FloatVector.fromArray(SPECIES, out, at))
        .intoArray(out, at);
  }

  /** For the gates, and 0 for the weight beyond. */
  private static FloatVector factors(float x) {
    return FloatVector.broadcast(SPECIES, x).withLane(GATES, 0);
  }
}
