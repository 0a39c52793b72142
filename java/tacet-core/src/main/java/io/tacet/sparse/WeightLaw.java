package io.tacet.sparse;

/**
 * A weight distribution: maps 32 random bits to a weight. Values are float32 and computed with
 * correctly rounded operations only, so that Java and the kernels agree bit for bit.
 *
 * @param kind shape of the distribution
 * @param first constant value, lower bound or mean
 * @param second upper bound or standard deviation; unused for a constant
 */
public record WeightLaw(Kind kind, float first, float second) {
  private static final float LN2 = 0x1.62e43p-1f;

  /** Shapes of distributions. */
  public enum Kind {
    CONSTANT,
    UNIFORM,
    NORMAL
  }

  public WeightLaw {
    if (!Float.isFinite(first) || !Float.isFinite(second)) {
      throw new IllegalArgumentException(
          "weights: expected finite parameters, got " + first + " and " + second + ".");
    }
    if (kind == Kind.UNIFORM && second < first) {
      throw new IllegalArgumentException(
          "high: expected at least " + first + ", got " + second + ".");
    }
    if (kind == Kind.NORMAL && second < 0) {
      throw new IllegalArgumentException("deviation: expected at least 0, got " + second + ".");
    }
  }

  /** The same weight everywhere. */
  public static WeightLaw constant(double value) {
    return new WeightLaw(Kind.CONSTANT, (float) value, 0);
  }

  /** Uniform in [low, high). */
  public static WeightLaw uniform(double low, double high) {
    return new WeightLaw(Kind.UNIFORM, (float) low, (float) high);
  }

  /** Normal; 32 bits cover 6.2 standard deviations. */
  public static WeightLaw normal(double mean, double deviation) {
    return new WeightLaw(Kind.NORMAL, (float) mean, (float) deviation);
  }

  /** The weight for 32 random bits. */
  public float weight(int bits) {
    return switch (kind) {
      case CONSTANT -> first;
      case UNIFORM -> Math.fma(second - first, (bits >>> 8) * 0x1p-24f, first);
      case NORMAL -> Math.fma(second, standardNormal(bits), first);
    };
  }

  /**
   * Inverse of the normal distribution at (bits + 1/2) 2^-32, to about 1e-6: rational functions of
   * Wichura (1988), algorithm AS 241, PPND7.
   */
  static float standardNormal(int bits) {
    // q = u - 1/2, kept exact in the tails by the distance of u from the nearer end.
    int centred = bits ^ 0x80000000;
    float q = (centred + 0.5f) * 0x1p-32f;
    if (Math.abs(q) <= 0.425f) {
      float r = Math.fma(-q, q, 0.180625f);
      float top =
          Math.fma(
              Math.fma(Math.fma(59.109374720f, r, 159.29113202f), r, 50.434271938f),
              r,
              3.3871327179f);
      float bottom =
          Math.fma(Math.fma(Math.fma(67.187563600f, r, 78.757757664f), r, 17.895169469f), r, 1.0f);
      return q * (top / bottom);
    }
    int fromEnd = bits < 0 ? ~bits : bits;
    float tail = (fromEnd + 0.5f) * 0x1p-32f;
    float r = (float) Math.sqrt(-log(tail)) - 1.6f;
    float top =
        Math.fma(
            Math.fma(Math.fma(0.17023821103f, r, 1.3067284816f), r, 2.7568153900f),
            r,
            1.4234372777f);
    float bottom = Math.fma(Math.fma(0.12021132975f, r, 0.73700164250f), r, 1.0f);
    float z = top / bottom;
    return bits < 0 ? z : -z;
  }

  /** Natural logarithm of a normal positive number, to about 1e-7, by the series of artanh. */
  private static float log(float x) {
    int raw = Float.floatToRawIntBits(x);
    // Mantissa in [2/3, 4/3), so that the series converges fast on both sides of 1.
    int exponent = (raw - 0x3f2aaaab) >> 23;
    float m = Float.intBitsToFloat(raw - (exponent << 23));
    float s = (m - 1.0f) / (m + 1.0f);
    float s2 = s * s;
    float series =
        Math.fma(
            Math.fma(Math.fma(Math.fma(0.11111111f, s2, 0.14285715f), s2, 0.2f), s2, 0.33333334f),
            s2,
            1.0f);
    return Math.fma(exponent, LN2, 2.0f * s * series);
  }
}
