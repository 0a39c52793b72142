package io.tacet.reference.f64;

import io.tacet.reference.TiledProduct;

/**
 * The dense recurrent weights of a forward pass in a library, which takes over the steps in which
 * so many units send something that to leave out the others, as {@link EgruSums} does, takes
 * longer. Copied when a step first needs them. Thread-safe.
 */
final class EgruKeptWeights implements AutoCloseable {
  /** Part of the units that send something, of some samples together, from which on it pays. */
  static final double LEAST_ACTIVITY = 0.3;

  private final TiledProduct library;
  private final EgruCell cell;

  /** Null before the first step that needs them. */
  private TiledProduct.Kept kept;

  EgruKeptWeights(TiledProduct library, EgruCell cell) {
    this.library = library;
    this.cell = cell;
  }

  /**
   * sum += y R for samples first .. first+count-1 that have a step t.
   *
   * @return false, with nothing done, where few units send something
   */
  boolean multiply(int worker, EgruCell of, EgruSums[] samples, int first, int count, int t) {
    int live = 0;
    long active = 0;
    for (int s = 0; s < count; s++) {
      if (t < of.lengths[first + s]) {
        live++;
        active += samples[s].count;
      }
    }
    if (active < LEAST_ACTIVITY * live * of.units) {
      return false;
    }
    double[][] sent = new double[live][];
    double[][] sums = new double[live][];
    live = 0;
    for (int s = 0; s < count; s++) {
      if (t < of.lengths[first + s]) {
        sent[live] = samples[s].spread();
        sums[live++] = samples[s].sum;
      }
    }
    weights().addProducts(worker, 0, of.units, sent, live, sums);
    return true;
  }

  private synchronized TiledProduct.Kept weights() {
    if (kept == null) {
      kept = library.keepTransposed(cell.recurrent, cell.units, 3 * cell.units);
    }
    return kept;
  }

  @Override
  public synchronized void close() {
    if (kept != null) {
      kept.close();
    }
  }
}
