package io.tacet.vector;

import io.tacet.spi.TileProducts;
import java.util.Arrays;

/**
 * Tiles in registers. Both factors are first copied in the order in which {@link Microkernel} reads
 * them, filled up with zeros: rows of A four at a time, columns of B as many as three registers
 * hold.
 */
final class VectorProducts implements TileProducts {
  private static final int ROWS = Microkernel.ROWS;
  private static final int COLUMNS = Microkernel.COLUMNS;

  /** Part of k that is copied at a time: of it, the columns of three registers stay in a cache. */
  private static final int DEPTH = 256;

  /** Fewer rows or columns do not pay for the copies. */
  private static final int LEAST = 16;

  private final Scratch[] scratch;

  VectorProducts(int workers) {
    scratch = new Scratch[workers];
  }

  @Override
  public boolean takes(int m, int n, int k) {
    return m >= LEAST && n >= LEAST && k >= LEAST;
  }

  @Override
  public void multiply(int worker, Tile tile, float[] a, float[] b, float[] c) {
    Scratch own = own(worker);
    for (int k0 = 0; k0 < tile.k(); k0 += DEPTH) {
      int depth = Math.min(DEPTH, tile.k() - k0);
      packRows(tile, a, k0, depth, own.a(tile.m(), depth));
      float[] columns = own.b(tile.n(), depth);
      int fromB = tile.atB() + (tile.transposeB() ? k0 : k0 * tile.strideB());
      packColumns(b, fromB, tile.strideB(), tile.transposeB(), depth, tile.n(), columns);
      boolean add = tile.add() || k0 > 0;
      for (int j = 0; j < tile.n(); j += COLUMNS) {
        int width = Math.min(COLUMNS, tile.n() - j);
        for (int i = 0; i < tile.m(); i += ROWS) {
          int height = Math.min(ROWS, tile.m() - i);
          int at = tile.atC() + i * tile.strideC() + j;
          if (width == COLUMNS && height == ROWS) {
            Microkernel.multiply(
                own.a, i * depth, columns, j * depth, depth, c, at, tile.strideC(), add);
          } else {
            Microkernel.multiply(
                own.a, i * depth, columns, j * depth, depth, own.edge, 0, COLUMNS, false);
            copyEdge(own.edge, height, width, c, at, tile.strideC(), add);
          }
        }
      }
    }
  }

  private static void copyEdge(
      float[] edge, int height, int width, float[] c, int at, int stride, boolean add) {
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        float value = edge[row * COLUMNS + column];
        int to = at + row * stride + column;
        c[to] = add ? c[to] + value : value;
      }
    }
  }

  /** op(A), [m / 4][depth][4]. */
  private static void packRows(Tile tile, float[] a, int k0, int depth, float[] packed) {
    boolean across = tile.transposeA();
    int from = tile.atA() + (across ? k0 * tile.strideA() : k0);
    for (int i = 0; i < tile.m(); i += ROWS) {
      int height = Math.min(ROWS, tile.m() - i);
      for (int row = 0; row < ROWS; row++) {
        int at = from + (across ? i + row : (i + row) * tile.strideA());
        int step = across ? tile.strideA() : 1;
        for (int p = 0, to = i * depth + row; p < depth; p++, to += ROWS) {
          packed[to] = row < height ? a[at + p * step] : 0;
        }
      }
    }
  }

  /** op(B), [n / {@link #COLUMNS}][depth][{@link #COLUMNS}]. */
  private static void packColumns(
      float[] b, int from, int stride, boolean transposed, int depth, int n, float[] packed) {
    for (int j = 0; j < n; j += COLUMNS) {
      int width = Math.min(COLUMNS, n - j);
      int to = j * depth;
      if (width < COLUMNS) {
        Arrays.fill(packed, to, to + depth * COLUMNS, 0);
      }
      if (transposed) {
        for (int column = 0; column < width; column++) {
          int at = from + (j + column) * stride;
          for (int p = 0; p < depth; p++) {
            packed[to + p * COLUMNS + column] = b[at + p];
          }
        }
      } else {
        for (int p = 0; p < depth; p++) {
          System.arraycopy(b, from + p * stride + j, packed, to + p * COLUMNS, width);
        }
      }
    }
  }

  @Override
  public Matrix keep(float[] values, int rows, int columns) {
    float[] packed = new float[padded(rows, COLUMNS) * columns];
    packColumns(values, 0, columns, true, columns, rows, packed);
    return new Kept(packed, rows, columns);
  }

  @Override
  public void addProducts(
      int worker, Matrix matrix, int from, int to, Object[] x, int count, Object[] out) {
    Kept kept = (Kept) matrix;
    Scratch own = own(worker);
    int depth = to - from;
    float[] vectors = own.a(count, depth);
    for (int i = 0; i < padded(count, ROWS); i++) {
      float[] vector = i < count ? (float[]) x[i] : null;
      int place = i / ROWS * ROWS * depth + i % ROWS;
      for (int p = 0; p < depth; p++, place += ROWS) {
        vectors[place] = vector == null ? 0 : vector[from + p];
      }
    }
    for (int j = 0; j < kept.rows; j += COLUMNS) {
      int width = Math.min(COLUMNS, kept.rows - j);
      for (int i = 0; i < count; i += ROWS) {
        Microkernel.multiply(
            vectors,
            i * depth,
            kept.packed,
            (j / COLUMNS * kept.columns + from) * COLUMNS,
            depth,
            own.edge,
            0,
            COLUMNS,
            false);
        for (int row = 0; row < Math.min(ROWS, count - i); row++) {
          float[] sums = (float[]) out[i + row];
          for (int column = 0; column < width; column++) {
            sums[j + column] += own.edge[row * COLUMNS + column];
          }
        }
      }
    }
  }

  @Override
  public int vectors() {
    return 2 * ROWS;
  }

  private static int padded(int count, int step) {
    return (count + step - 1) / step * step;
  }

  private Scratch own(int worker) {
    if (scratch[worker] == null) {
      scratch[worker] = new Scratch();
    }
    return scratch[worker];
  }

  @Override
  public void close() {}

  /** Memory of one worker, as much as was ever needed. */
  private static final class Scratch {
    final float[] edge = new float[ROWS * COLUMNS];
    float[] a = new float[0];
    private float[] b = new float[0];

    float[] a(int m, int depth) {
      int length = padded(m, ROWS) * depth;
      a = a.length < length ? new float[length] : a;
      return a;
    }

    float[] b(int n, int depth) {
      int length = padded(n, COLUMNS) * depth;
      b = b.length < length ? new float[length] : b;
      return b;
    }
  }

  /**
   * A matrix as {@link #packColumns} has its transpose.
   *
   * @param packed [rows / {@link #COLUMNS}][columns][{@link #COLUMNS}]
   */
  private record Kept(float[] packed, int rows, int columns) implements Matrix {
    @Override
    public void close() {}
  }
}
