package io.tacet.bench;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One step of a GRU with as many inputs as units on ND4J, in two ways: dense peers of {@link
 * EgruStreamBenchmark}. {@link #step} is ND4J's operation gruCell. Unlike our layer, and the GRUs
 * of PyTorch and ONNX Runtime, it applies the reset gate to the state before the product (Cho et
 * al. 2014), so it is another network of the same size, and compared with a plain loop. {@link
 * #ofProducts} has the reset gate after the product and is compared with our layer with the same
 * weights and no threshold. It is there because gruCell multiplies matrices by matrices even for a
 * single sample, which takes OpenBLAS several times as long as a matrix and a vector.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class Nd4jGruBenchmark {
  @Param("1024")
  int units;

  @Param("1")
  int batch;

  /** OpenBLAS' threads within a product. */
  @Param({"1", "2"})
  int threads;

  private Nd4jWork step;
  private Nd4jWork ofProducts;

  @Setup(Level.Trial)
  public void make() {
    SplittableRandom random = new SplittableRandom(1);
    float[] x = DenseGru.normal(random, batch * units, 1);
    makeStep(random, x);
    makeOfProducts(random, x);
  }

  private void makeStep(SplittableRandom random, float[] x) {
    float[] h = DenseGru.normal(random, batch * units, 1);
    float[] gates = DenseGru.normal(random, 4 * units * units, 0.05);
    float[] candidate = DenseGru.normal(random, 2 * units * units, 0.05);
    float[] gateBias = DenseGru.normal(random, 2 * units, 0.05);
    float[] candidateBias = DenseGru.normal(random, units, 0.05);
    step = Nd4jWork.of("GruStep", threads, batch, x, h, gates, candidate, gateBias, candidateBias);
    double[] states = new double[batch * units];
    for (int n = 0; n < batch; n++) {
      double[] in = new double[2 * units];
      for (int i = 0; i < units; i++) {
        in[i] = x[n * units + i];
        in[units + i] = h[n * units + i];
      }
      double[] ru = sums(in, gates, gateBias);
      for (int i = 0; i < units; i++) {
        in[units + i] *= sigmoid(ru[i]);
      }
      double[] c = sums(in, candidate, candidateBias);
      for (int m = 0; m < units; m++) {
        double u = sigmoid(ru[units + m]);
        states[n * units + m] = u * h[n * units + m] + (1 - u) * Math.tanh(c[m]);
      }
    }
    step.check("ND4J's gruCell", states);
  }

  private void makeOfProducts(SplittableRandom random, float[] x) {
    DenseGru gru = DenseGru.random("ND4J's GRU of products", units, List.of(0, 1, 2), random);
    float[][] arrays = gru.arrays();
    ofProducts =
        Nd4jWork.of("GruOfProducts", threads, batch, arrays[0], arrays[1], arrays[2], arrays[3], x);
    gru.compare(batch, x, ofProducts.result());
  }

  private static double[] sums(double[] in, float[] weights, float[] bias) {
    double[] sums = new double[bias.length];
    for (int m = 0; m < sums.length; m++) {
      sums[m] = bias[m];
    }
    for (int i = 0; i < in.length; i++) {
      for (int m = 0; m < sums.length; m++) {
        sums[m] += in[i] * weights[i * sums.length + m];
      }
    }
    return sums;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** By gruCell. */
  @Benchmark
  public Object step() {
    step.run();
    return step;
  }

  /** By two products and operations on elements. */
  @Benchmark
  public Object ofProducts() {
    ofProducts.run();
    return ofProducts;
  }
}
