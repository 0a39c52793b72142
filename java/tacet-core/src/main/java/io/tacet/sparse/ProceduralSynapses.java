package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;

/**
 * Synapses that are recomputed on demand and take no memory, for networks too large to store, with
 * untrained weights. Every source reaches {@code fanOut} targets, one drawn uniformly in each of
 * {@code fanOut} equal strata of the targets, so that a row ascends and is unique. Synapse k of row
 * i follows from two words of {@link Philox} with the seed as the key and the counter (k modulo 32,
 * k / 64, i, 0), which serves the synapses k and k + 32 of a chunk of 64: forward, backward and
 * export agree bit for bit, on all backends.
 *
 * @param backend where events are propagated
 * @param sources number of rows
 * @param targets number of columns
 * @param fanOut synapses per row, at least 1 and at most {@code targets}
 * @param law distribution of the weights, float32
 * @param seed the same seed gives the same network on every backend and machine
 */
public record ProceduralSynapses(
    Backend backend, int sources, int targets, int fanOut, WeightLaw law, long seed)
    implements Synapses {
  private static final int LANES = 32;

  /** Synapses of one chunk: two per lane of a warp. */
  private static final int CHUNK = 2 * LANES;

  public ProceduralSynapses {
    RowArrays.checkExtents(sources, targets);
    if (fanOut < 1 || fanOut > targets) {
      throw new IllegalArgumentException(
          "fanOut: expected 1 to " + targets + ", got " + fanOut + ".");
    }
  }

  /** Width of a stratum in units of 2^-32 targets, rounded up so that the last one ends the row. */
  public long stratum() {
    return (((long) targets << 32) + fanOut - 1) / fanOut;
  }

  /**
   * Computes synapses {@code from .. to-1} of a row.
   *
   * @param indices where the targets go, from 0
   * @param weights where the weights go, from 0
   */
  public void row(int source, int from, int to, int[] indices, float[] weights) {
    int[] words = new int[4];
    long stratum = stratum();
    for (int chunk = from / CHUNK; chunk * CHUNK < to; chunk++) {
      for (int lane = 0; lane < LANES; lane++) {
        int k = chunk * CHUNK + lane;
        boolean first = k >= from && k < to;
        boolean second = k + LANES >= from && k + LANES < to;
        if (first || second) {
          Philox.block(lane, chunk, source, 0, seed, words);
        }
        if (first) {
          indices[k - from] = target(k, stratum, words[0]);
          weights[k - from] = law.weight(words[1]);
        }
        if (second) {
          indices[k + LANES - from] = target(k + LANES, stratum, words[2]);
          weights[k + LANES - from] = law.weight(words[3]);
        }
      }
    }
  }

  private static int target(int k, long stratum, int bits) {
    int low = (int) ((k * stratum) >>> 32);
    int width = (int) (((k + 1) * stratum) >>> 32) - low;
    return low + (int) (((bits & 0xFFFFFFFFL) * width) >>> 32);
  }

  /**
   * Materialises the synapses, for inspection or training; the caller closes the result.
   *
   * @param type element type of the weights
   */
  public CsrSynapses toCsr(DType type) {
    int count = Math.multiplyExact(sources, fanOut);
    int[] offsets = new int[sources + 1];
    int[] indices = new int[count];
    double[] weights = new double[count];
    int[] rowIndices = new int[fanOut];
    float[] rowWeights = new float[fanOut];
    for (int i = 0; i < sources; i++) {
      row(i, 0, fanOut, rowIndices, rowWeights);
      for (int k = 0; k < fanOut; k++) {
        indices[offsets[i] + k] = rowIndices[k];
        weights[offsets[i] + k] = rowWeights[k];
      }
      offsets[i + 1] = offsets[i] + fanOut;
    }
    return CsrSynapses.upload(
        backend, type, new RowArrays(sources, targets, offsets, indices, weights));
  }

  @Override
  public long count() {
    return (long) sources * fanOut;
  }

  @Override
  public DeviceArray weights() {
    throw new UnsupportedOperationException(
        "Procedural synapses store no weights; toCsr stores them.");
  }

  /** Null: delays of procedural synapses are given per source, to a {@link DelayRing}. */
  @Override
  public Delays delays() {
    return null;
  }

  @Override
  public void close() {}
}
