package io.tacet.bench.nd4j;

import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A dense matrix, a row for each target, times a vector or each of a few. A single vector has one
 * dimension, for which ND4J takes OpenBLAS' gemv: several times as fast as the gemm that a matrix
 * of one row gets.
 */
public final class Product implements Runnable, Supplier<float[]> {
  private final boolean single;
  private final INDArray rows;
  private final INDArray weights;
  private final INDArray out;

  /**
   * @param rows [batch][sources]
   * @param weights [targets][sources]
   */
  public Product(int threads, int batch, float[] rows, float[] weights) {
    Threads.set(threads);
    long sources = rows.length / batch;
    long targets = weights.length / sources;
    single = batch == 1;
    INDArray byTarget = Nd4j.create(weights, targets, sources);
    this.weights = single ? byTarget : byTarget.transpose();
    this.rows = single ? Nd4j.create(rows, sources) : Nd4j.create(rows, batch, sources);
    out =
        single ? Nd4j.create(DataType.FLOAT, targets) : Nd4j.create(DataType.FLOAT, batch, targets);
  }

  @Override
  public void run() {
    if (single) {
      weights.mmuli(rows, out);
    } else {
      rows.mmuli(weights, out);
    }
  }

  /** What the last run computed, [targets] or [batch][targets]. */
  INDArray out() {
    return out;
  }

  /** What the last run computed, [batch][targets]. */
  @Override
  public float[] get() {
    return out.dup('c').data().asFloat();
  }
}
