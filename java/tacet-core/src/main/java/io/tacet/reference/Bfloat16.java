package io.tacet.reference;

/** The upper half of a float32, rounded to nearest, ties to even. */
public final class Bfloat16 {
  private Bfloat16() {}

  /** Bits of the bfloat16 nearest to a number that is not NaN. */
  public static short of(float x) {
    int bits = Float.floatToRawIntBits(x);
    return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
  }

  /** The same for a double, which is first rounded to float. */
  public static short of(double x) {
    return of((float) x);
  }

  /** The number that the bits stand for. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
