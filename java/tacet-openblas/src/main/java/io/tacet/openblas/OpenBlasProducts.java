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

  private final Scratch[] scratch;

  OpenBlasProducts(int workers) {
    scratch = new Scratch[workers];
  }

  @Override
  public boolean takes(int m, int n, int k) {
    return 1.0 / m + 1.0 / n + 2.0 / k <= MOST_COPIED;
  }

  @Override
  public void multiply(int worker, Tile tile, float[] a, float[] b, float[] c) {
    if (scratch[worker] == null) {
      scratch[worker] = new Scratch();
    }
    Scratch own = scratch[worker];
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
