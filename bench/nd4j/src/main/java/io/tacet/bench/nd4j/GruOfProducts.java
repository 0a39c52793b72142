package io.tacet.bench.nd4j;

import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * One step of a GRU from a state of zeros, of two products and operations on elements, in place
 * where that is possible. The reset gate r comes after the product: with a = W x + b and c = R h +
 * d, z and r are sigmoid(a + c), g = tanh(a + r c), and the state is z h + (1 - z) g.
 */
public final class GruOfProducts implements Runnable, Supplier<float[]> {
  private final Product fromInputs;
  private final Product fromUnits;
  private final INDArray inputBias;
  private final INDArray recurrentBias;
  private final INDArray h;
  private final INDArray gates;
  private final INDArray gatesFromUnits;
  private final INDArray z;
  private final INDArray r;
  private final INDArray g;
  private final INDArray gFromUnits;
  private final INDArray out;

  /**
   * Rows of weights and biases in the order z, r, g.
   *
   * @param w input weights, [3 units][units]
   * @param recurrent weights, [3 units][units]
   * @param inputBias [3 units]
   * @param recurrentBias [3 units]
   * @param x [batch][units]
   */
  public GruOfProducts(
      int threads,
      int batch,
      float[] w,
      float[] recurrent,
      float[] inputBias,
      float[] recurrentBias,
      float[] x) {
    int units = inputBias.length / 3;
    fromInputs = new Product(threads, batch, x, w);
    fromUnits = new Product(threads, batch, new float[x.length], recurrent);
    INDArray a = fromInputs.out();
    INDArray c = fromUnits.out();
    this.inputBias = rows(inputBias, a);
    this.recurrentBias = rows(recurrentBias, a);
    gates = part(a, 0, 2 * units);
    gatesFromUnits = part(c, 0, 2 * units);
    z = part(a, 0, units);
    r = part(a, units, 2 * units);
    g = part(a, 2 * units, 3 * units);
    gFromUnits = part(c, 2 * units, 3 * units);
    h = z.ulike().assign(0);
    out = z.ulike();
  }

  /** A row for each sample, so that the bias need not be spread out in each step. */
  private static INDArray rows(float[] bias, INDArray like) {
    float[] all = new float[(int) like.length()];
    for (int k = 0; k < all.length; k++) {
      all[k] = bias[k % bias.length];
    }
    return Nd4j.create(all, like.shape());
  }

  private static INDArray part(INDArray array, int from, int to) {
    INDArrayIndex columns = NDArrayIndex.interval(from, to);
    return array.rank() == 1 ? array.get(columns) : array.get(NDArrayIndex.all(), columns);
  }

  @Override
  public void run() {
    fromInputs.run();
    fromUnits.run();
    fromInputs.out().addi(inputBias);
    fromUnits.out().addi(recurrentBias);
    Transforms.sigmoid(gates.addi(gatesFromUnits), false);
    Transforms.tanh(g.addi(gFromUnits.muli(r)), false);
    // z h + (1 - z) g
    h.subi(g, out);
    out.muli(z).addi(g);
  }

  /** The state after the step, [batch][units]. */
  @Override
  public float[] get() {
    return out.dup('c').data().asFloat();
  }
}
