package io.tacet.spi;

/**
 * Dense products in single precision by a library for the CPU. The java backend cuts a product into
 * tiles, whose shape does not depend on the number of threads, and asks for one tile at a time from
 * each of its threads; so an implementation computes a tile on the thread that calls and starts no
 * others. Results of a tile must be the same each time on one machine.
 */
public interface TileProducts extends AutoCloseable {

  /** Whether it is faster than the product in Java for this shape. */
  boolean takes(int m, int n, int k);

  /**
   * Computes a tile.
   *
   * @param worker number of the calling thread, below the number of workers it was opened for
   */
  void multiply(int worker, Tile tile, float[] a, float[] b, float[] c);

  /**
   * Copies a matrix that many products are going to read; closed by the caller, before the library.
   *
   * @param values [rows][columns]
   */
  Matrix keep(float[] values, int rows, int columns);

  /**
   * Adds the products of a kept matrix and some vectors, both over the columns [from, to): to each
   * of the first {@code count} arrays of {@code out}, float[rows], that of the array of {@code x}
   * with the same index, float[columns]. Called and computed like {@link #multiply}.
   */
  void addProducts(
      int worker, Matrix matrix, int from, int to, Object[] x, int count, Object[] out);

  @Override
  void close();

  /** How many vectors at a time suit {@link #addProducts}; callers with more may call it again. */
  int vectors();

  /** A matrix that the library keeps. */
  interface Matrix extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * C = op(A) op(B), or C += op(A) op(B), with op(A) m x k, op(B) k x n; all row-major within
   * larger arrays.
   *
   * @param transposeA whether A is stored k x m
   * @param transposeB whether B is stored n x k
   * @param atA first element of A
   * @param strideA elements from a stored row of A to the next; likewise B and C
   * @param add whether C is added to
   */
  record Tile(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      int atA,
      int strideA,
      int atB,
      int strideB,
      boolean add,
      int atC,
      int strideC) {}
}
