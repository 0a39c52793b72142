package io.tacet.bench.nd4j;

import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** One step of ND4J's operation gruCell, from the same state each time. */
public final class GruStep implements Runnable, Supplier<float[]> {
  private final DynamicCustomOp step;
  private final INDArray out;

  /**
   * The weights have a row for each input, then one for each unit.
   *
   * @param x [batch][units]
   * @param h the state before, [batch][units]
   * @param gates of reset and update, [2 units][2 units]
   * @param candidate [2 units][units]
   * @param gateBias [2 units]
   * @param candidateBias [units]
   */
  public GruStep(
      int threads,
      int batch,
      float[] x,
      float[] h,
      float[] gates,
      float[] candidate,
      float[] gateBias,
      float[] candidateBias) {
    Threads.set(threads);
    long units = candidateBias.length;
    INDArray[] results = new INDArray[4];
    for (int k = 0; k < results.length; k++) {
      results[k] = Nd4j.create(DataType.FLOAT, batch, units);
    }
    out = results[3];
    step =
        DynamicCustomOp.builder("gruCell")
            .addInputs(
                Nd4j.create(x, batch, units),
                Nd4j.create(h, batch, units),
                Nd4j.create(gates, 2 * units, 2 * units),
                Nd4j.create(candidate, 2 * units, units),
                Nd4j.create(gateBias, 2 * units),
                Nd4j.create(candidateBias, units))
            .addOutputs(results)
            .build();
  }

  @Override
  public void run() {
    Nd4j.exec(step);
  }

  /** The state after the step, [batch][units]. */
  @Override
  public float[] get() {
    return out.data().asFloat();
  }
}
