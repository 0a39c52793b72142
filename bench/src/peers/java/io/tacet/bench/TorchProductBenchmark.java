package io.tacet.bench;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * PyTorch's dense product of {@code batch} rows with an n x n matrix: what a step of propagation
 * costs where neither the sparsity of the connections nor that of the events is used.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class TorchProductBenchmark {
  @Param({"1024", "4096"})
  int n;

  @Param("1")
  int batch;

  /** PyTorch's threads within an operation. */
  @Param({"1", "2"})
  int threads;

  private NDManager manager;
  private NDArray rows;
  private NDArray weights;

  /** Draws both matrices and compares some elements of their product with sums of our own. */
  @Setup(Level.Trial)
  public void make() {
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    rows = manager.randomNormal(new Shape(batch, n));
    weights = manager.randomNormal(new Shape(n, n));
    float[] x = rows.toFloatArray();
    try (NDArray out = rows.matMul(weights)) {
      for (int column = 0; column < n; column += n / 4) {
        float[] w = weights.get(":, " + column).toFloatArray();
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += (double) x[i] * w[i];
        }
        double difference = Math.abs(out.getFloat(0, column) - sum);
        if (!(difference < 1e-5 * n)) {
          throw new IllegalStateException(
              "product: expected " + sum + " in column " + column + ", off by " + difference + ".");
        }
      }
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    manager.close();
  }

  @Benchmark
  public long product() {
    try (NDArray out = rows.matMul(weights)) {
      return out.size();
    }
  }
}
