package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.optim.Optimizer;
import io.tacet.optim.Parameter;
import io.tacet.optim.Sgd;
import io.tacet.plasticity.Oja;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A step of gradient descent and one of Oja's rule, by one sample, on dense weights of n inputs to
 * n units: both in one call, and one after the other.
 *
 * <p>Floor per weight, of both: weight and gradient are read and the weight is written, 12 bytes; 2
 * flops of the descent, 2 of the response and 4 of the rule.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OjaBenchmark {
  private static final double RATE = 1e-6;

  /** Of the check. */
  private static final double LARGE_RATE = 0.01;

  private static final double TOLERANCE = 1e-4;

  @Param("java")
  String backend;

  @Param({"256", "2048"})
  int n;

  /** Threads of the java and host backends. */
  @Param({"1", "2"})
  int threads;

  private Resources open;
  private Backend device;
  private DeviceArray weights;
  private DeviceArray gradient;
  private DeviceArray sample;
  private Optimizer descent;

  /** See the class. */
  static Floor floor(Timing m) {
    double weights = m.number("n") * m.number("n");
    return Floor.flops(8 * weights).stream(12 * weights, 8 * weights);
  }

  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    SplittableRandom random = new SplittableRandom(1);
    weights = random(random, n, n);
    gradient = random(random, n, n);
    sample = random(random, 1, n);
    compare();
    descent =
        open.own(Sgd.rate(RATE).create(List.of(Parameter.weights("weights", weights, gradient))));
  }

  private DeviceArray random(SplittableRandom random, int rows, int columns) {
    double[] values = random.doubles((long) rows * columns, -0.1, 0.1).toArray();
    return open.own(device.allocate(DType.FLOAT32, rows, columns)).copyFrom(values);
  }

  /** Fails if the change of a step differs from the formulas in double precision. */
  private void compare() {
    double[] before = weights.toDoubles();
    double[] slopes = gradient.toDoubles();
    double[] x = sample.toDoubles();
    Oja.rate(LARGE_RATE).apply(weights, gradient, LARGE_RATE, sample);
    double[] moved = weights.toDoubles();
    double[] expected = new double[moved.length];
    for (int j = 0; j < n; j++) {
      double y = 0;
      for (int i = 0; i < n; i++) {
        y += x[i] * (before[i * n + j] - LARGE_RATE * slopes[i * n + j]);
      }
      for (int i = 0; i < n; i++) {
        int at = i * n + j;
        double descended = before[at] - LARGE_RATE * slopes[at];
        expected[at] = -LARGE_RATE * slopes[at] + LARGE_RATE * (x[i] * y - descended * y * y);
        moved[at] -= before[at];
      }
    }
    Agreement.close("weights", moved, expected, TOLERANCE);
    weights.copyFrom(before);
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  @Benchmark
  public void together(DeviceTime time) {
    time.begin(device);
    Oja.rate(RATE).apply(weights, gradient, RATE, sample);
    time.end(device);
    device.synchronize();
  }

  @Benchmark
  public void apart(DeviceTime time) {
    time.begin(device);
    descent.step(1);
    Oja.rate(RATE).apply(weights, sample);
    time.end(device);
    device.synchronize();
  }
}
