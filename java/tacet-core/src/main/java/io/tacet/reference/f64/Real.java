package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;

/** The number type of this package: double precision. */
final class Real {
  /** Distance from 1 to the next larger number. */
  static final double EPSILON = 0x1p-52;

  private Real() {}

  /** The elements of a heap array, not a copy. */
  static double[] array(DeviceArray array) {
    return (double[]) array.storage().heap();
  }

  static double of(double value) {
    return value;
  }

  static double exp(double x) {
    return Math.exp(x);
  }

  static double expm1(double x) {
    return Math.expm1(x);
  }

  static double log(double x) {
    return Math.log(x);
  }

  static double log1p(double x) {
    return Math.log1p(x);
  }

  static double cbrt(double x) {
    return Math.cbrt(x);
  }

  static double sqrt(double x) {
    return Math.sqrt(x);
  }

  static double tanh(double x) {
    return Math.tanh(x);
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** A 32-bit key that orders like x, which is not negative, up to rounding. */
  static long orderBits(double x) {
    return Float.floatToRawIntBits((float) x);
  }

  /** Bits of a {@link #fallingKey}. */
  static final int KEY_BITS = 64;

  /** An unsigned key, smaller for larger x; -0 counts as 0, and NaN is above everything. */
  static long fallingKey(double x) {
    long bits = Double.doubleToLongBits(x + 0.0);
    return bits < 0 ? bits : ~bits & Long.MAX_VALUE;
  }

  /** The number, of at least 0, whose {@link #fallingKey} that is. */
  static double ofFallingKey(long key) {
    return Double.longBitsToDouble(~key & Long.MAX_VALUE);
  }
}
