package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.SplittableRandom;

/** Random arrays to measure with. */
final class Draws {
  private Draws() {}

  /**
   * Normal numbers of mean 0, FLOAT32.
   *
   * @param open owns the array
   * @param scale their standard deviation
   */
  static DeviceArray normal(
      Resources open, Backend device, SplittableRandom random, double scale, long... shape) {
    DeviceArray array = open.own(device.allocate(DType.FLOAT32, shape));
    float[] values = new float[(int) array.length()];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) (scale * random.nextGaussian());
    }
    return array.copyFrom(values);
  }
}
