package io.tacet.cuda;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Delays;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.Synapses;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Random synapses as plain Java arrays, to be put on any backend in any layout and precision. */
final class RandomRows {
  /** How rows are stored. */
  enum Layout {
    DENSE,
    CSR,
    /** Compressed with 16-bit indices. */
    NARROW
  }

  private static final double DENSITY = 0.4;
  private static final double FAN_OUT = 30;

  private final int sources;
  private final int targets;
  private final Layout layout;
  private final Delays.Kind kind;
  private final int[] offsets;
  private final int[] indices;
  private final double[] weights;
  private final double[] delays;

  /**
   * @param low smallest weight
   * @param high largest weight
   * @param kind of the delays, or null for none
   */
  RandomRows(
      SplittableRandom random,
      int sources,
      int targets,
      Layout layout,
      Delays.Kind kind,
      double low,
      double high) {
    this.sources = sources;
    this.targets = targets;
    this.layout = layout;
    this.kind = kind;
    double density = Math.min(DENSITY, FAN_OUT / targets);
    offsets = new int[sources + 1];
    List<Integer> kept = new ArrayList<>();
    for (int s = 0; s < sources; s++) {
      for (int m = 0; m < targets; m++) {
        if (layout == Layout.DENSE || random.nextDouble() < density) {
          kept.add(m);
        }
      }
      offsets[s + 1] = kept.size();
    }
    indices = kept.stream().mapToInt(m -> m).toArray();
    weights = random.doubles(indices.length, low, high).map(w -> (float) w).toArray();
    int count = kind == Delays.Kind.PER_SOURCE ? sources : indices.length;
    delays = kind == null ? null : random.doubles(count, 0.2, 6).map(d -> (float) d).toArray();
    for (int d = 0; kind != null && d < count; d++) {
      // A quarter of the delays is zero: arrivals at the very time of their spike.
      delays[d] = random.nextInt(4) == 0 ? 0 : delays[d];
    }
  }

  void setWeight(int synapse, double weight) {
    weights[synapse] = weight;
  }

  Synapses on(Backend backend, DType type) {
    DeviceArray w = backend.allocate(type, weights.length).copyFrom(weights);
    Delays d =
        kind == null
            ? null
            : new Delays(kind, backend.allocate(type, delays.length).copyFrom(delays));
    if (layout == Layout.DENSE) {
      return new DenseSynapses(sources, targets, w, d);
    }
    return new CsrSynapses(sources, targets, backend.of(offsets), indicesOn(backend), w, d);
  }

  private DeviceArray indicesOn(Backend backend) {
    if (layout == Layout.CSR) {
      return backend.of(indices);
    }
    short[] narrow = new short[indices.length];
    for (int s = 0; s < narrow.length; s++) {
      narrow[s] = (short) indices[s];
    }
    return backend.of(narrow);
  }
}
