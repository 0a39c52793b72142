package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;

/** The number type of this package: double precision. */
final class Real {
  /** Distance from 1 to the next larger number. */
  static final double EPSILON = 0x1p-52;

  private static final long INFINITY = 0x7ff0000000000000L;

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

  /** 0 if x is at most y, a finite number, else 1, also for what is not a number; no branch. */
  static int exceeds(double x, double y) {
    long bits = Double.doubleToRawLongBits(y - x);
    return (int) ((bits | (INFINITY - (bits & Long.MAX_VALUE))) >>> 63);
  }

  /** x if {@code one} is 1, 0 if it is 0; without a branch. */
  static double times(int one, double x) {
    return Double.longBitsToDouble(Double.doubleToRawLongBits(x) & -(long) one);
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
