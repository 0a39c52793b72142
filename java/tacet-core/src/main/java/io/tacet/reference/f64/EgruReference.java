package io.tacet.reference.f64;

import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.TiledProduct;
import io.tacet.reference.Workers;
import io.tacet.sparse.SparsePattern;
import io.tacet.spi.VectorLoops;

/** EGRU over a batch of sequences, all cores; results do not depend on the thread count. */
public final class EgruReference {
  /** Most samples that go step by step together. */
  private static final int TOGETHER = 32;

  /** With fewer samples, products are not for a library. */
  private static final int LEAST_IN_LIBRARY = 32;

  private final Workers workers;
  private final TiledProduct library;
  private final VectorLoops loops;

  /** Of the last pass, for the next one over a layer of the same size. */
  private EgruScratch scratch;

  /**
   * @param library for products in single precision
   * @param loops in vector instructions, null for plain ones
   */
  public EgruReference(Workers workers, TiledProduct library, VectorLoops loops) {
    this.workers = workers;
    this.library = library;
    this.loops = loops;
  }

  /** See {@link io.tacet.spi.EgruKernels#forward}. */
  public void forward(EgruLayer layer, EgruInputs in, EgruOutputs out, EgruTape tapeArrays) {
    EgruCell cell = new EgruCell(layer, in);
    GateWeights weights = weights(layer, cell, true, false, null);
    EgruTapeArrays tape = tapeArrays == null ? null : new EgruTapeArrays(tapeArrays, cell.units);
    double[] currents = Real.array(in.currents());
    EgruRows y = EgruRows.ofSteps(out.y(), in);
    EgruRows trace = EgruRows.ofSamples(out.trace(), in);
    double[] lastY = out.last() == null ? null : Real.array(out.last().y());
    double[] lastH = out.last() == null ? null : Real.array(out.last().h());
    int together = together(cell.batch);
    EgruForward[] paths = new EgruForward[workers.count()];
    int[][] counts = new int[workers.count()][cell.units];
    workers.run(
        (cell.batch + together - 1) / together,
        (task, worker) -> {
          if (paths[worker] == null) {
            paths[worker] = new EgruForward(cell, weights, currents, tape, y, together);
          }
          int first = task * together;
          int count = Math.min(together, cell.batch - first);
          paths[worker].run(first, count, trace, lastY, lastH, counts[worker]);
        });
    if (out.counts() != null) {
      int[] total = (int[]) out.counts().storage().heap();
      for (int[] part : counts) {
        for (int m = 0; m < total.length; m++) {
          total[m] += part[m];
        }
      }
    }
  }

  /** See {@link io.tacet.spi.EgruKernels#backward}. */
  public void backward(
      EgruLayer layer, EgruInputs in, EgruTape tapeArrays, EgruErrors given, EgruGradients wanted) {
    EgruCell cell = new EgruCell(layer, in);
    EgruScratch scratch = scratch(cell.units);
    EgruTapeArrays tape = new EgruTapeArrays(tapeArrays, cell.units);
    boolean again = !tape.keepsProduct() && !cell.paper;
    EgruErrorArrays errors = new EgruErrorArrays(given, wanted.initial(), in);
    double[] result = Real.array(wanted.currents());
    EgruSampleSums sums = new EgruSampleSums(cell.batch, cell.units);
    try (TiledProduct.Kept kept = keep(layer, cell)) {
      GateWeights weights = weights(layer, cell, again, kept == null, kept);
      // As many whatever the number of threads, since a sum may depend on it.
      int together = kept == null ? together(cell.batch) : kept.vectors();
      EgruAdjoint[] paths = new EgruAdjoint[workers.count()];
      workers.run(
          (cell.batch + together - 1) / together,
          (task, worker) -> {
            if (paths[worker] == null) {
              paths[worker] =
                  new EgruAdjoint(cell, weights, again, tape, errors, result, together, worker);
            }
            int first = task * together;
            paths[worker].run(first, Math.min(together, cell.batch - first), sums);
          });
      if (wanted.recurrent() != null) {
        double[] gradient = Real.array(wanted.recurrent());
        boolean dense =
            kept != null
                && !cell.paper
                && tape.activity() >= EgruDenseGradient.LEAST_ACTIVITY
                && scratch.denseGradient().run(workers, library, cell, tape, result, gradient);
        if (!dense) {
          addGradient(cell, weights, tape, result, gradient);
        }
      }
    }
    sums.addTo(
        cell.events ? wanted.thresholds() : null,
        wanted.inputBias(),
        cell.paper ? null : wanted.recurrentBias());
  }

  private void addGradient(
      EgruCell cell, GateWeights weights, EgruTapeArrays tape, double[] errors, double[] gradient) {
    EgruScratch scratch = scratch(cell.units);
    int block = scratch.gradientRows();
    workers.run(
        workers.count(),
        (task, worker) -> {
          int first = Math.min(cell.units, task * block);
          int last = Math.min(cell.units, first + block);
          scratch.gradient(task).run(cell, weights, tape, errors, first, last, gradient);
        });
  }

  /** See {@link io.tacet.spi.EgruKernels#gradientFactors}. */
  public void gradientFactors(
      EgruLayer layer, EgruInputs in, EgruTape tape, DeviceArray currents, DeviceArray sent) {
    EgruCell cell = new EgruCell(layer, in);
    EgruTapeArrays arrays = new EgruTapeArrays(tape, cell.units);
    double[] errors = Real.array(currents);
    double[] out = Real.array(sent);
    workers.run(cell.batch, (n, worker) -> new EgruFactors(cell, arrays, errors, out).run(n));
  }

  /**
   * @param rows whether dense weights are used by rows
   * @param columns whether they are used by columns
   * @param kept dense weights in a library; null for none
   */
  private GateWeights weights(
      EgruLayer layer, EgruCell cell, boolean rows, boolean columns, TiledProduct.Kept kept) {
    SparsePattern pattern = layer.pattern();
    if (pattern == null) {
      EgruScratch scratch = scratch(cell.units);
      return new DenseGates(
          rows ? scratch.rows(cell.recurrent) : null,
          columns ? scratch.columns(cell.recurrent) : null,
          kept);
    }
    int[] offsets = (int[]) pattern.rowOffsets().storage().heap();
    Object indices = pattern.indices().storage().heap();
    return layer.gatesPerSynapse() == 1
        ? new OwnGates(cell.units, offsets, indices, cell.recurrent)
        : new SharedGates(cell.units, offsets, indices, cell.recurrent, loops);
  }

  /** Dense weights for the way back, where there are vectors for products of matrices. */
  private TiledProduct.Kept keep(EgruLayer layer, EgruCell cell) {
    return layer.pattern() == null && cell.batch >= LEAST_IN_LIBRARY
        ? library.keep(cell.recurrent, cell.units, 3 * cell.units)
        : null;
  }

  private EgruScratch scratch(int units) {
    if (scratch == null || scratch.units != units) {
      scratch = new EgruScratch(units, workers.count());
    }
    return scratch;
  }

  /** Enough parts for all threads, few enough samples for the caches. */
  private int together(int batch) {
    return Math.max(1, Math.min(TOGETHER, (batch + workers.count() - 1) / workers.count()));
  }
}
