package io.tacet.reference.f32;

import io.tacet.memory.DeviceArray;

/** The number type of this package: single precision. */
final class Real {
  /** Distance from 1 to the next larger number. */
  static final float EPSILON = 0x1p-23f;

  private Real() {}

  /** The elements of a heap array, not a copy. */
  static float[] array(DeviceArray array) {
    return (float[]) array.storage().heap();
  }

  static float of(double value) {
    return (float) value;
  }

  static float exp(float x) {
    return (float) Math.exp(x);
  }

  static float expm1(float x) {
    return (float) Math.expm1(x);
  }

  static float log(float x) {
    return (float) Math.log(x);
  }

  static float log1p(float x) {
    return (float) Math.log1p(x);
  }

  static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }

  /** A 32-bit key that orders like x, which is not negative, up to rounding. */
  static long orderBits(float x) {
    return Float.floatToRawIntBits(x);
  }
}
