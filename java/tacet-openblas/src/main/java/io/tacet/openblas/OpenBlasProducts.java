package io.tacet.openblas;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import io.tacet.spi.TileProducts;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Tiles by sgemm of OpenBLAS. Java arrays have no fixed address, so tiles are copied to memory
 * outside the heap and back: 4 (mk + kn + 2mn) bytes for 2mnk flops.
 */
final class OpenBlasProducts implements TileProducts {
  /** Part of k that is copied at a time. */
  private static final int DEPTH = 512;

  /** 1/m + 1/n + 2/k above which the copies take longer than is gained. */
  private static final double MOST_COPIED = 0.08;

  /** Vectors of a small product. */
  private static final int FEW = 8;

  /** Vectors of a product otherwise, for which the matrix is packed each time. */
  private static final int MANY = 16;

  /** Most multiplications of a product that OpenBLAS computes without packing. */
  private static final int MOST_SMALL = 1_000_000;

  /** Most elements of its result. */
  private static final int MOST_RESULTS = 1200;

  private final Scratch[] scratch;
  private final boolean smallKernels;

  /**
   * @param smallKernels whether OpenBLAS has kernels of its own for small products
   */
  OpenBlasProducts(int workers, boolean smallKernels) {
    scratch = new Scratch[workers];
    this.smallKernels = smallKernels;
  }

  @Override
  public boolean takes(int m, int n, int k) {
    return 1.0 / m + 1.0 / n + 2.0 / k <= MOST_COPIED;
  }

  @Override
  public void multiply(int worker, Tile tile, float[] a, float[] b, float[] c) {
    Scratch own = own(worker);
    int m = tile.m();
    int n = tile.n();
    FloatBuffer sums = own.c.of((long) m * n);
    if (tile.add()) {
      in(c, tile.atC(), tile.strideC(), m, n, sums);
    }
    for (int k0 = 0; k0 < tile.k(); k0 += DEPTH) {
      int depth = Math.min(DEPTH, tile.k() - k0);
      FloatBuffer x = own.a.of((long) m * depth);
      FloatBuffer y = own.b.of((long) n * depth);
      int fromA = tile.atA() + (tile.transposeA() ? k0 * tile.strideA() : k0);
      int fromB = tile.atB() + (tile.transposeB() ? k0 : k0 * tile.strideB());
      int acrossA = tile.transposeA() ? m : depth;
      int acrossB = tile.transposeB() ? depth : n;
      in(a, fromA, tile.strideA(), tile.transposeA() ? depth : m, acrossA, x);
      in(b, fromB, tile.strideB(), tile.transposeB() ? n : depth, acrossB, y);
      cblas_sgemm(
          CblasRowMajor,
          tile.transposeA() ? CblasTrans : CblasNoTrans,
          tile.transposeB() ? CblasTrans : CblasNoTrans,
          m,
          n,
          depth,
          1,
          own.a.pointer,
          acrossA,
          own.b.pointer,
          acrossB,
          tile.add() || k0 > 0 ? 1 : 0,
          own.c.pointer,
          n);
    }
    for (int row = 0; row < m; row++) {
      sums.get(row * n, c, tile.atC() + row * tile.strideC(), n);
    }
  }

  @Override
  public Matrix keep(float[] values, int rows, int columns) {
    Memory memory = new Memory();
    memory.of((long) rows * columns).put(0, values, 0, rows * columns);
    return new Kept(memory, rows, columns);
  }

  @Override
  public void addProducts(
      int worker, Matrix matrix, int from, int to, Object[] x, int count, Object[] out) {
    if (count == 0) {
      return;
    }
    Kept kept = (Kept) matrix;
    Scratch own = own(worker);
    int depth = to - from;
    int rows = kept.rows;
    FloatBuffer vectors = own.a.of((long) count * depth);
    FloatBuffer products = own.c.of((long) count * rows);
    for (int i = 0; i < count; i++) {
      vectors.put(i * depth, (float[]) x[i], from, depth);
    }
    int few = smallKernels ? Math.min(count, FEW) : count;
    int most = smallKernels ? smallRows(few, depth) : rows;
    for (int row = 0; row < rows; row += most) {
      for (int i = 0; i < count; i += few) {
        cblas_sgemm(
            CblasRowMajor,
            CblasNoTrans,
            CblasTrans,
            Math.min(few, count - i),
            Math.min(most, rows - row),
            depth,
            1,
            own.a.pointer.getPointer((long) i * depth),
            depth,
            kept.memory.pointer.getPointer((long) row * kept.columns + from),
            kept.columns,
            0,
            own.c.pointer.getPointer((long) i * rows + row),
            rows);
      }
    }
    if (own.row.length < rows) {
      own.row = new float[rows];
    }
    for (int i = 0; i < count; i++) {
      products.get(i * rows, own.row, 0, rows);
      add(own.row, (float[]) out[i], rows);
    }
  }

  /** Rows of a matrix whose products with some vectors are small; a multiple of 16. */
  private static int smallRows(int vectors, int depth) {
    int most = Math.min(MOST_RESULTS / vectors, MOST_SMALL / (vectors * depth));
    return Math.max(16, most & -16);
  }

  @Override
  public int vectors() {
    return smallKernels ? FEW : MANY;
  }

  private static void add(float[] row, float[] sums, int count) {
    for (int m = 0; m < count; m++) {
      sums[m] += row[m];
    }
  }

  private Scratch own(int worker) {
    if (scratch[worker] == null) {
      scratch[worker] = new Scratch();
    }
    return scratch[worker];
  }

  private static void in(
      float[] from, int at, int stride, int rows, int columns, FloatBuffer buffer) {
    if (stride == columns) {
      buffer.put(0, from, at, rows * columns);
      return;
    }
    for (int row = 0; row < rows; row++) {
      buffer.put(row * columns, from, at + row * stride, columns);
    }
  }

  @Override
  public void close() {
    for (Scratch own : scratch) {
      if (own != null) {
        own.a.close();
        own.b.close();
        own.c.close();
      }
    }
  }

  /** Memory of one worker. */
  private static final class Scratch {
    final Memory a = new Memory();
    final Memory b = new Memory();
    final Memory c = new Memory();
    float[] row = new float[0];
  }

  /** A matrix outside the heap. */
  private static final class Kept implements Matrix {
    final Memory memory;
    final int rows;
    final int columns;

    Kept(Memory memory, int rows, int columns) {
      this.memory = memory;
      this.rows = rows;
      this.columns = columns;
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  /** Numbers outside the heap, as many as were ever needed. */
  private static final class Memory {
    FloatPointer pointer = new FloatPointer();
    private FloatBuffer buffer = FloatBuffer.allocate(0);

    FloatBuffer of(long length) {
      if (buffer.capacity() < length) {
        close();
        pointer = new FloatPointer(length);
        buffer = pointer.asBuffer();
      }
      return buffer;
    }

    void close() {
      pointer.close();
    }
  }
}
