package io.tacet.bench;

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
 * ND4J's dense product of {@code batch} rows with an n x n matrix: what a step of propagation costs
 * where neither the sparsity of the connections nor that of the events is used. A single row is
 * given as a vector, for which ND4J is fastest, and the result is written to an array that is
 * there.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class Nd4jProductBenchmark {
  @Param({"1024", "4096"})
  int n;

  @Param("1")
  int batch;

  /** OpenBLAS' threads within a product. */
  @Param({"1", "2"})
  int threads;

  private Nd4jWork product;

  /** Draws both matrices and compares their product with sums of our own. */
  @Setup(Level.Trial)
  public void make() {
    SplittableRandom random = new SplittableRandom(1);
    float[] rows = random(random, batch * n);
    float[] weights = random(random, n * n);
    product = Nd4jWork.of("Product", threads, batch, rows, weights);
    double[] sums = new double[batch * n];
    for (int k = 0; k < sums.length; k++) {
      int row = k / n * n;
      int target = k % n * n;
      for (int i = 0; i < n; i++) {
        sums[k] += (double) rows[row + i] * weights[target + i];
      }
    }
    product.check("ND4J's product", sums);
  }

  private static float[] random(SplittableRandom random, int length) {
    float[] values = new float[length];
    for (int k = 0; k < length; k++) {
      values[k] = (float) random.nextGaussian();
    }
    return values;
  }

  @Benchmark
  public Object product() {
    product.run();
    return product;
  }
}
