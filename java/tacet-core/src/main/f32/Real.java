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

  static float cbrt(float x) {
    return (float) Math.cbrt(x);
  }

  static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }

  /**
   * Within 4e-7 of tanh: a quotient of polynomials fitted to tanh(x)/x over x^2 on [0, 8.2], where
   * the error of the fit itself is below 1e-8. Without a call or a branch, so that loops over it
   * become vector instructions.
   */
  static float tanh(float x) {
    float y = Math.max(-8.2f, Math.min(8.2f, x));
    float t = y * y;
    float p =
        (((1.4840511e-8f * t + 2.163724e-5f) * t + 3.5566841e-3f) * t + 0.13432121f) * t + 1.0f;
    float q =
        (((8.370585e-7f * t + 3.3864376e-4f) * t + 2.6108291e-2f) * t + 0.46765447f) * t + 1.0f;
    return y * p / q;
  }

  static float sigmoid(float x) {
    return 0.5f + 0.5f * tanh(0.5f * x);
  }

  /** A 32-bit key that orders like x, which is not negative, up to rounding. */
  static long orderBits(float x) {
    return Float.floatToRawIntBits(x);
  }

  /** Bits of a {@link #fallingKey}. */
  static final int KEY_BITS = 32;

  /** An unsigned key, smaller for larger x; -0 counts as 0, and NaN is above everything. */
  static long fallingKey(float x) {
    int bits = Float.floatToIntBits(x + 0.0f);
    return Integer.toUnsignedLong(bits < 0 ? bits : ~bits & Integer.MAX_VALUE);
  }

  /** The number, of at least 0, whose {@link #fallingKey} that is; 0 for larger keys. */
  static float ofFallingKey(long key) {
    return Float.intBitsToFloat(~(int) key & Integer.MAX_VALUE);
  }
}
