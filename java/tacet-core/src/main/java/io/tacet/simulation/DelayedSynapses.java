package io.tacet.simulation;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.memory.Resources;
import io.tacet.sparse.DelaySteps;
import io.tacet.sparse.Delays;

/**
 * Recurrent synapses with a delay each, in compressed sparse rows: those of source {@code i} are
 * {@code rowOffsets[i] .. rowOffsets[i+1]-1}. Several synapses may connect a pair of neurons, with
 * different delays: within a row, (target, delay) ascend strictly. Two synapses that agree in both
 * are one with the sum of their weights. Owns its arrays.
 *
 * @param neurons number of sources and of targets
 * @param rowOffsets INT32 [neurons + 1]
 * @param targets INT32 [count]
 * @param weights [count], what a spike adds to the current of the target
 * @param delays per synapse, each at least one step
 */
public record DelayedSynapses(
    int neurons,
    DeviceArray rowOffsets,
    DeviceArray targets,
    DeviceArray weights,
    DelaySteps delays)
    implements AutoCloseable {

  public DelayedSynapses {
    if (!weights.type().isFloating()) {
      throw new IllegalArgumentException("weights: expected floating point, got " + weights + ".");
    }
    Expect.ints("rowOffsets", rowOffsets, weights, neurons + 1L);
    Expect.ints("targets", targets, weights, weights.length());
    Expect.shorts("delays", delays.steps(), weights, weights.length());
    if (delays.kind() != Delays.Kind.PER_SYNAPSE || delays.largest() < 1) {
      throw new IllegalArgumentException(
          "delays: expected PER_SYNAPSE of at least 1 step, got "
              + delays.kind()
              + " of up to "
              + delays.largest()
              + ".");
    }
  }

  /**
   * From Java arrays, checked; the caller closes the result.
   *
   * @param type element type of the weights
   * @param rowOffsets [neurons + 1], from 0 to the number of synapses
   * @param targets [count]
   * @param weights [count], finite
   * @param delays [count] in steps, unsigned, at least 1
   * @throws IllegalArgumentException if the arrays are anything else, naming row and synapse
   */
  public static DelayedSynapses of(
      Backend backend,
      DType type,
      int[] rowOffsets,
      int[] targets,
      float[] weights,
      short[] delays) {
    int neurons = rowOffsets.length - 1;
    int largest = check(rowOffsets, targets, weights, delays);
    Resources made = new Resources();
    try {
      DeviceArray values = made.own(backend.allocate(type, weights.length));
      if (type == DType.FLOAT32) {
        values.copyFrom(weights);
      } else {
        values.copyFrom(widened(weights));
      }
      return new DelayedSynapses(
          neurons,
          made.own(backend.of(rowOffsets)),
          made.own(backend.of(targets)),
          values,
          made.own(new DelaySteps(Delays.Kind.PER_SYNAPSE, backend.of(delays), largest)));
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  private static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int s = 0; s < wide.length; s++) {
      wide[s] = values[s];
    }
    return wide;
  }

  /** Checks the rows and returns the largest delay. */
  private static int check(int[] rowOffsets, int[] targets, float[] weights, short[] delays) {
    int neurons = rowOffsets.length - 1;
    int count = targets.length;
    if (neurons < 1 || rowOffsets[0] != 0 || rowOffsets[neurons] != count || count == 0) {
      throw new IllegalArgumentException(
          "rowOffsets: expected a value per neuron and one more, from 0 to the number of synapses,"
              + " which is "
              + count
              + " and has to be at least 1, got "
              + rowOffsets.length
              + " values"
              + (neurons < 0
                  ? "."
                  : " from " + rowOffsets[0] + " to " + rowOffsets[neurons] + "."));
    }
    if (weights.length != count || delays.length != count) {
      throw new IllegalArgumentException(
          "weights, delays: expected "
              + count
              + " like the targets, got "
              + weights.length
              + " and "
              + delays.length
              + ".");
    }
    int largest = 0;
    for (int i = 0; i < neurons; i++) {
      if (rowOffsets[i] > rowOffsets[i + 1]) {
        throw new IllegalArgumentException(
            "rowOffsets: expected ascending values, got "
                + rowOffsets[i + 1]
                + " after "
                + rowOffsets[i]
                + " at "
                + (i + 1)
                + ".");
      }
      long before = -1;
      for (int s = rowOffsets[i]; s < rowOffsets[i + 1]; s++) {
        int delay = Short.toUnsignedInt(delays[s]);
        long key = ((long) targets[s] << 16) | delay;
        boolean valid = targets[s] >= 0 && targets[s] < neurons && delay > 0 && key > before;
        if (!valid || !Float.isFinite(weights[s])) {
          throw problem(i, s, targets[s], delay, weights[s], neurons);
        }
        before = key;
        largest = Math.max(largest, delay);
      }
    }
    return largest;
  }

  private static IllegalArgumentException problem(
      int row, int synapse, int target, int delay, float weight, int neurons) {
    return new IllegalArgumentException(
        "synapses: expected targets from 0 to "
            + (neurons - 1)
            + ", delays of at least 1 step, finite weights, and strictly ascending (target, delay)"
            + " within a row, got target "
            + target
            + ", delay "
            + delay
            + " and weight "
            + weight
            + " for synapse "
            + synapse
            + " in row "
            + row
            + ". Sort the row and add up the weights of synapses that agree in both.");
  }

  /** Number of synapses. */
  public long count() {
    return weights.length();
  }

  @Override
  public void close() {
    rowOffsets.close();
    targets.close();
    weights.close();
    delays.close();
  }
}
