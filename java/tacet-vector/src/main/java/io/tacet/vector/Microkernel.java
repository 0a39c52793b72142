package io.tacet.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Four rows times three registers of columns, all sums in registers: 12 multiply-adds of registers
 * for 3 loads and 4 broadcasts.
 */
final class Microkernel {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Numbers in a register. */
  private static final int LANES = SPECIES.length();

  static final int ROWS = 4;
  static final int COLUMNS = 3 * LANES;

  private Microkernel() {}

  /**
   * C = A B, or C += A B.
   *
   * @param a from atA, [depth][4]
   * @param b from atB, [depth][{@link #COLUMNS}]
   * @param c from atC, 4 rows of {@link #COLUMNS}
   * @param stride from a row of C to the next
   * @param add whether C is added to
   */
  static void multiply(
      float[] a,
      int atA,
      float[] b,
      int atB,
      int depth,
      float[] c,
      int atC,
      int stride,
      boolean add) {
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector c00 = zero;
    FloatVector c01 = zero;
    FloatVector c02 = zero;
    FloatVector c10 = zero;
    FloatVector c11 = zero;
    FloatVector c12 = zero;
    FloatVector c20 = zero;
    FloatVector c21 = zero;
    FloatVector c22 = zero;
    FloatVector c30 = zero;
    FloatVector c31 = zero;
    FloatVector c32 = zero;
    for (int p = 0; p < depth; p++) {
      int row = atB + p * COLUMNS;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, row);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, row + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, row + 2 * LANES);
      int column = atA + p * ROWS;
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[column]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[column + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[column + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[column + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
    }
    store(c00, c01, c02, c, atC, add);
    store(c10, c11, c12, c, atC + stride, add);
    store(c20, c21, c22, c, atC + 2 * stride, add);
    store(c30, c31, c32, c, atC + 3 * stride, add);
  }

  private static void store(
      FloatVector c0, FloatVector c1, FloatVector c2, float[] c, int at, boolean add) {
    if (add) {
      c0.add(FloatVector.fromArray(SPECIES, c, at)).intoArray(c, at);
      c1.add(FloatVector.fromArray(SPECIES, c, at + LANES)).intoArray(c, at + LANES);
      c2.add(FloatVector.fromArray(SPECIES, c, at + 2 * LANES)).intoArray(c, at + 2 * LANES);
    } else {
      c0.intoArray(c, at);
      c1.intoArray(c, at + LANES);
      c2.intoArray(c, at + 2 * LANES);
    }
  }
}
