package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.optim.Adam;
import io.tacet.optim.Optimizer;
import io.tacet.optim.Parameter;
import io.tacet.optim.Sgd;
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
 * One update of {@code size} weights.
 *
 * <p>Floor per weight: Adam reads weight, gradient and two moments and writes three of them, 28
 * bytes and 12 flops; SGD with momentum 20 bytes and 4 flops.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OptimizerBenchmark {
  private static final double MOMENTUM = 0.9;

  /** Of the check. */
  private static final double RATE = 0.01;

  private static final double TOLERANCE = 1e-4;

  @Param("java")
  String backend;

  @Param({"65536", "4194304"})
  int size;

  /** Threads of the java and host backends. */
  @Param({"1", "2"})
  int threads;

  private Resources open;
  private Backend device;
  private Optimizer adam;
  private Optimizer sgd;

  /** See the class. */
  static Floor floor(Timing m) {
    double size = m.number("size");
    return m.method().equals("adam")
        ? Floor.flops(12 * size).stream(28 * size, 16 * size)
        : Floor.flops(4 * size).stream(20 * size, 12 * size);
  }

  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    SplittableRandom random = new SplittableRandom(1);
    List<Parameter> parameters =
        List.of(Parameter.weights("weights", random(random), random(random)));
    compare(parameters);
    adam = open.own(Adam.rate(1e-6).create(parameters));
    sgd = open.own(Sgd.rate(1e-6).momentum(MOMENTUM).create(parameters));
  }

  /**
   * Fails if two updates of either differ from their formulas. Under one gradient g the moments of
   * Adam, without their bias, are g and its square; the velocity of SGD is g and then (1 +
   * momentum) g. The rate is so large that the updates are not lost in the last digits of the
   * weights.
   */
  private void compare(List<Parameter> parameters) {
    DeviceArray weights = parameters.get(0).value();
    double[] before = weights.toDoubles();
    double[] gradient = parameters.get(0).gradient().toDoubles();
    double[] expected = new double[size];
    for (int k = 0; k < size; k++) {
      expected[k] = -RATE * (2 * Math.signum(gradient[k]) + (2 + MOMENTUM) * gradient[k]);
    }
    try (Optimizer first = Adam.rate(RATE).create(parameters);
        Optimizer second = Sgd.rate(RATE).momentum(MOMENTUM).create(parameters)) {
      for (Optimizer each : List.of(first, first, second, second)) {
        each.step(1);
      }
    }
    double[] moved = weights.toDoubles();
    for (int k = 0; k < size; k++) {
      moved[k] -= before[k];
    }
    Agreement.close("updates", moved, expected, TOLERANCE);
    weights.copyFrom(before);
  }

  private DeviceArray random(SplittableRandom random) {
    float[] values = new float[size];
    for (int k = 0; k < size; k++) {
      values[k] = random.nextFloat() - 0.5f;
    }
    return open.own(device.allocate(DType.FLOAT32, size)).copyFrom(values);
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  @Benchmark
  public void adam(DeviceTime time) {
    time.begin(device);
    adam.step(1);
    time.end(device);
    device.synchronize();
  }

  @Benchmark
  public void sgd(DeviceTime time) {
    time.begin(device);
    sgd.step(1);
    time.end(device);
    device.synchronize();
  }
}
