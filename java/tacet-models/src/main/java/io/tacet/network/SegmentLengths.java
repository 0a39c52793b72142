package io.tacet.network;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.List;

/**
 * Lengths of samples in each segment of a pass, and what is read at their ends, which are in
 * different segments. Owns its arrays.
 */
final class SegmentLengths implements AutoCloseable {
  private final int length;
  private final double decay;
  private final List<Lengths> all = new ArrayList<>();

  /** By how much the trace of each sample decays in each segment. */
  private final List<DeviceArray> decays = new ArrayList<>();

  /** The last step of each sample up to segments with an even or odd number, [batch][columns]. */
  private final List<DeviceArray> lasts = new ArrayList<>();

  private final DeviceArray errors;
  private final Resources resources = new Resources();

  /**
   * Room for passes.
   *
   * @param whole shape of the sequences
   * @param decay of the trace in a step; NaN where the last step is read
   */
  SegmentLengths(Network network, PassShape whole, double decay) {
    this.length = whole.segment();
    this.decay = decay;
    Backend backend = network.backend();
    DType type = network.spec().precision();
    int batch = whole.batch();
    long columns = network.spec().below(network.spec().layers().size() - 1).columns();
    boolean traced = !Double.isNaN(decay);
    try {
      for (int s = 0; s < whole.steps() / length; s++) {
        all.add(resources.own(new Lengths(backend, type, batch, length)));
        if (traced) {
          decays.add(resources.own(backend.allocate(type, batch)));
        }
      }
      for (int s = 0; s < 2 && !traced; s++) {
        lasts.add(resources.own(backend.allocate(type, batch, columns)));
      }
      errors =
          whole.trains() && !traced
              ? resources.own(backend.allocate(type, length, batch, columns))
              : null;
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  void set(int[] lengths) {
    for (int s = 0; s < all.size(); s++) {
      all.get(s).set(lengths, s * length);
      if (!decays.isEmpty()) {
        all.get(s).powers(decay, decays.get(s));
      }
    }
  }

  Lengths of(int segment) {
    return all.get(segment);
  }

  /** Lets a trace, or its errors, decay over a segment. */
  void decay(DeviceArray trace, int segment) {
    Dense.scaleRows(trace, decays.get(segment));
  }

  /**
   * The last step of each sample so far; segments come in their order.
   *
   * @param values [length][batch][columns]
   */
  DeviceArray takeLast(DeviceArray values, int segment) {
    DeviceArray before = segment == 0 ? null : lasts.get((segment + 1) % 2);
    all.get(segment).takeLast(values, before, lasts.get(segment % 2));
    return lasts.get(segment % 2);
  }

  /**
   * Errors of the values of a segment; segments come from the last to the first.
   *
   * @param ofLast those of the last steps, of which those of earlier segments are left
   */
  DeviceArray spread(DeviceArray ofLast, int segment) {
    errors.zero();
    all.get(segment).addToLast(ofLast, errors);
    all.get(segment).leaveToBefore(ofLast);
    return errors;
  }

  @Override
  public void close() {
    resources.close();
  }
}
