package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.dense.GainControl;
import io.tacet.dense.Winners;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.Events;
import java.util.Arrays;
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
 * Competition among the n units of each row of a batch: {@code winners} keeps the {@code fraction}
 * of largest values, {@code losers} is its adjoint, {@code gain} subtracts half of the mean, {@code
 * gainErrors} is the adjoint of that, with the gradient of the gain.
 *
 * <p>Floor per unit: {@code winners} reads and writes a value and writes a bit; {@code losers}
 * reads the bit, and writes 0 to all but the winners; {@code gain} reads and writes a value; {@code
 * gainErrors} reads a value and writes an error, and reads those errors that count.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CompetitionBenchmark {
  @Param("java")
  String backend;

  @Param({"256", "4096", "65536"})
  int n;

  @Param("64")
  int batch;

  @Param("0.0625")
  double fraction;

  /** Threads of the java and host backends. */
  @Param("1")
  int threads;

  private Resources open;
  private Backend device;
  private DeviceArray values;
  private DeviceArray results;
  private DeviceArray errors;
  private DeviceArray marks;
  private DeviceArray gain;
  private DeviceArray gradient;

  /** See the class. */
  static Floor floor(Timing m) {
    double units = m.number("n") * m.number("batch");
    return switch (m.method()) {
      case "winners" -> Floor.flops(0).stream(8.125 * units, 4 * units);
      case "losers" ->
          Floor.flops(0).stream((0.125 + 4 * (1 - m.number("fraction"))) * units, 4 * units);
      case "gain" -> Floor.flops(4 * units).stream(8 * units, 4 * units);
      default -> Floor.flops(6 * units).stream(8 * units, 8 * units);
    };
  }

  /** Makes the rows, and compares the winners of the first with a sort. */
  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    SplittableRandom random = new SplittableRandom(1);
    values = array(batch, n).copyFrom(random.doubles((long) batch * n, -1, 1).toArray());
    errors = array(batch, n).copyFrom(random.doubles((long) batch * n, -1, 1).toArray());
    results = array(batch, n);
    marks = open.own(device.allocate(DType.INT32, batch, Events.words(n)));
    gain = array(1).copyFrom(new double[] {0.5});
    gradient = array(1).zero();
    compare();
  }

  private DeviceArray array(long... shape) {
    return open.own(device.allocate(DType.FLOAT32, shape));
  }

  private int count() {
    return Math.max(1, (int) (fraction * n));
  }

  private void compare() {
    Winners.keep(values, count(), results, marks);
    double[] row = Arrays.copyOf(values.toDoubles(), n);
    double least = Arrays.stream(row).sorted().skip(n - count()).findFirst().orElseThrow();
    double[] expected = Arrays.stream(row).map(x -> x >= least ? x : 0).toArray();
    Agreement.close("winners", Arrays.copyOf(results.toDoubles(), n), expected, 0);
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  private void timed(DeviceTime time, Runnable operation) {
    time.begin(device);
    operation.run();
    time.end(device);
    device.synchronize();
  }

  @Benchmark
  public void winners(DeviceTime time) {
    timed(time, () -> Winners.keep(values, count(), results, marks));
  }

  @Benchmark
  public void losers(DeviceTime time) {
    timed(time, () -> Winners.backward(marks, errors));
  }

  @Benchmark
  public void gain(DeviceTime time) {
    timed(time, () -> GainControl.apply(values, gain, results));
  }

  /** Errors shrink towards 0 with every call, and gradients grow: neither changes the time. */
  @Benchmark
  public void gainErrors(DeviceTime time) {
    timed(time, () -> GainControl.backward(values, gain, errors, gradient));
  }
}
