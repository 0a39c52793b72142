package io.tacet.cuda.internal;

import java.util.Arrays;

/**
 * What kernels of libtacet round the factors of dense products, and of recurrent ones where an
 * engine has it, to; sums are float32. The property {@code tacet.products.factors} chooses, {@code
 * float32} by default.
 */
public enum Factors {
  /** Not at all: the order of the sums decides the last bits, and nothing else. */
  FLOAT32(Tacet.TACET_FLOAT32),
  /** Each to two bfloat16, on tensor cores: an error of 2^-15 |a b| of a term a b at most. */
  BF16X3(Tacet.TACET_BF16X3),
  /** Each to one bfloat16, on tensor cores: 2^-7 |a b| at most. */
  BF16(Tacet.TACET_BF16);

  /** The name of one of these in small letters. */
  public static final String PROPERTY = "tacet.products.factors";

  private final int code;

  Factors(int code) {
    this.code = code;
  }

  /**
   * What the property says.
   *
   * @throws IllegalArgumentException if it is not the name of one
   */
  public static Factors chosen() {
    return Choice.of(PROPERTY, FLOAT32);
  }

  /** That of {@code TACET_FLOAT32} and so on. */
  static Factors of(int code) {
    return Arrays.stream(values()).filter(one -> one.code == code).findFirst().orElseThrow();
  }

  /** Its name in the property. */
  public String text() {
    return Choice.text(this);
  }

  /** {@code TACET_FLOAT32} and so on. */
  int code() {
    return code;
  }
}
