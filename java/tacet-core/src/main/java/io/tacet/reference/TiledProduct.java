package io.tacet.reference;

import io.tacet.spi.TileProducts;
import io.tacet.spi.TileProducts.Tile;
import io.tacet.spi.TileProductsProvider;
import java.util.List;

/** Dense products of the java backend in single precision by a library, where there is one. */
public final class TiledProduct implements AutoCloseable {
  /** Rows of C of a tile. */
  private static final int ROWS = 256;

  /** Columns of C of a tile. */
  private static final int COLUMNS = 512;

  /** Columns of C of the smallest tile. */
  private static final int LEAST_COLUMNS = 64;

  /** How many tiles are aimed at, so that several threads have work. */
  private static final int TILES = 8;

  /** With fewer multiplications no library is loaded. */
  private static final long LEAST_WORK = 1 << 16;

  /** With fewer elements, copies of vectors take longer than is gained. */
  private static final long LEAST_KEPT = 1 << 14;

  private final Workers workers;
  private final List<TileProductsProvider> providers;
  private boolean searched;

  /** Null for none, and before the first product that is large enough. */
  private TileProducts library;

  /**
   * @param providers those that may be used, the first that can run
   */
  TiledProduct(Workers workers, List<TileProductsProvider> providers) {
    this.workers = workers;
    this.providers = providers;
  }

  private boolean takes(int m, int n, int k) {
    return (long) m * n * k >= LEAST_WORK && isThere() && library.takes(m, n, k);
  }

  /** Loads it when it is asked for the first time. */
  private boolean isThere() {
    if (providers.isEmpty()) {
      return false;
    }
    if (!searched) {
      searched = true;
      for (TileProductsProvider provider : providers) {
        if (provider.unavailable().isEmpty()) {
          library = provider.open(workers.count());
          break;
        }
      }
    }
    return library != null;
  }

  /**
   * See {@link io.tacet.spi.DenseKernels#multiply}, of matrices that begin at these elements. Uses
   * all threads of the backend.
   *
   * @return false, with nothing done, where the product is not for a library: numbers in double
   *     precision, with which others are compared, and shapes that are too small
   */
  public boolean multiply(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      Object a,
      int atA,
      Object b,
      int atB,
      boolean add,
      Object c,
      int atC) {
    if (!(a instanceof float[] left)
        || !(b instanceof float[] right)
        || !(c instanceof float[] sums)
        || !takes(m, n, k)) {
      return false;
    }
    int down = (m + ROWS - 1) / ROWS;
    int width = width(n, down);
    int across = (n + width - 1) / width;
    workers.run(
        down * across,
        (task, worker) -> {
          int i = task / across * ROWS;
          int j = task % across * width;
          library.multiply(
              worker,
              new Tile(
                  transposeA,
                  transposeB,
                  Math.min(ROWS, m - i),
                  Math.min(width, n - j),
                  k,
                  atA + (transposeA ? i : i * k),
                  transposeA ? m : k,
                  atB + (transposeB ? j * k : j),
                  transposeB ? k : n,
                  add,
                  atC + i * n + j,
                  n),
              left,
              right,
              sums);
        });
    return true;
  }

  /** A matrix that the library keeps for many products, each on the thread of a worker. */
  public final class Kept implements AutoCloseable {
    private final TileProducts.Matrix matrix;

    private Kept(TileProducts.Matrix matrix) {
      this.matrix = matrix;
    }

    /** See {@link TileProducts#vectors}. */
    public int vectors() {
      return library.vectors();
    }

    /** See {@link TileProducts#addProducts}. */
    public void addProducts(int worker, int from, int to, Object[] x, int count, Object[] out) {
      library.addProducts(worker, matrix, from, to, x, count, out);
    }

    @Override
    public void close() {
      matrix.close();
    }
  }

  /**
   * Keeps a matrix as it is now for products with some vectors at a time.
   *
   * @param matrix [rows][columns]
   * @return null where such products are not for a library: see {@link #multiply}; closed by the
   *     caller
   */
  public Kept keep(Object matrix, int rows, int columns) {
    return matrix instanceof float[] values && (long) rows * columns >= LEAST_KEPT && isThere()
        ? new Kept(library.keep(values, rows, columns))
        : null;
  }

  /** Columns of a tile: fewer where there are few rows of tiles. */
  private static int width(int n, int down) {
    int across = (TILES + down - 1) / down;
    int fair = (n + across - 1) / across;
    return Math.max(LEAST_COLUMNS, Math.min(COLUMNS, (fair + 15) & -16));
  }

  @Override
  public void close() {
    if (library != null) {
      library.close();
    }
  }
}
