package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruStream;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;

/** Our layer as a plain GRU, to compare the GRUs of others with. */
final class DenseGru {
  private static final double TOLERANCE = 1e-4;

  private DenseGru() {}

  /**
   * Compares one step from a state of zeros.
   *
   * @param gates place of z, r and g in the peer's rows
   * @param arrays input and recurrent weights, [3 units][units], and their biases, [3 units]
   * @param x [batch][units]
   * @param out what the peer makes of it, [batch][units]
   * @throws IllegalStateException if ours is different
   */
  static void compare(
      String peer, int units, int batch, int[] gates, float[][] arrays, float[] x, float[] out) {
    float[] y = new float[batch * units];
    try (Resources open = new Resources()) {
      Backend java = open.own(Machine.open("java", 1));
      long wide = 3L * units;
      DeviceArray w = open.own(java.of(bySource(arrays[0], units, gates), units, wide));
      DeviceArray r = open.own(java.of(bySource(arrays[1], units, gates), units, wide));
      DeviceArray inputBias = open.own(java.of(bySource(arrays[2], 1, gates)));
      DeviceArray recurrentBias = open.own(java.of(bySource(arrays[3], 1, gates)));
      DeviceArray thresholds = open.own(java.of(new float[units]));
      EgruLayer layer =
          new EgruLayer(
              r, inputBias, recurrentBias, thresholds, EgruOptions.defaults().withoutEvents());
      EgruStream stream = open.own(EgruStream.of(layer, w, batch));
      stream.step(x, y, new float[batch * units]);
    }
    double most = 0;
    for (int k = 0; k < y.length; k++) {
      most = Math.max(most, Math.abs(y[k] - out[k]));
    }
    if (!(most < TOLERANCE)) {
      throw new IllegalStateException(
          peer
              + ": expected within "
              + TOLERANCE
              + " of our GRU, got a difference of "
              + most
              + ".");
    }
  }

  /** From rows by target and the peer's order of gates to rows by source and ours. */
  private static float[] bySource(float[] peer, int columns, int[] gates) {
    int units = peer.length / 3 / columns;
    float[] ours = new float[peer.length];
    for (int gate = 0; gate < 3; gate++) {
      for (int m = 0; m < units; m++) {
        for (int i = 0; i < columns; i++) {
          ours[i * 3 * units + gate * units + m] = peer[(gates[gate] * units + m) * columns + i];
        }
      }
    }
    return ours;
  }
}
