package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.Events;
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
 * From a dense step of activity to a bitmap and ascending lists of the units with an event.
 *
 * <p>Floor: 4 n batch bytes read, n batch / 8 of bitmap and 4 bytes per event written; {@code
 * expand}, from the bitmap to the lists, does without the first. {@value #STEPS} random steps are
 * cycled through, so that the branch predictor cannot memorise them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CompactionBenchmark {
  static final int STEPS = 16;

  @Param("java")
  String backend;

  @Param({"4096", "65536"})
  int n;

  @Param({"0.01", "0.05", "0.2"})
  double activity;

  @Param("1")
  int batch;

  /** Threads of the java and host backends. */
  @Param("1")
  int threads;

  private Resources open;
  private Backend device;
  private final DeviceArray[] dense = new DeviceArray[STEPS];
  private final Events[] events = new Events[STEPS];
  private int step;

  /** See the class. */
  static Floor floor(Timing m) {
    double units = m.number("n") * m.number("batch");
    double out = units / 8 + 4 * m.number("activity") * units;
    Floor lists = Floor.flops(0).stream(out, out);
    return m.method().equals("expand") ? lists : lists.stream(4 * units, STEPS * 4 * units);
  }

  /** Makes the steps and compares the first with a plain loop. */
  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[batch * n];
    int expected = 0;
    for (int s = 0; s < STEPS; s++) {
      for (int k = 0; k < values.length; k++) {
        values[k] = random.nextDouble() < activity ? 1 : 0;
        expected += s == 0 && values[k] != 0 ? 1 : 0;
      }
      dense[s] = open.own(device.allocate(DType.FLOAT32, batch, n)).copyFrom(values);
      events[s] = open.own(Events.binary(device, batch, n)).compact(dense[s]);
    }
    int found = 0;
    for (int count : events[0].counts().toInts()) {
      found += count;
    }
    if (found != expected) {
      throw new IllegalStateException("events: expected " + expected + ", got " + found + ".");
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  @Benchmark
  public Events compact(DeviceTime time) {
    step = (step + 1) % STEPS;
    time.begin(device);
    Events made = events[step].compact(dense[step]);
    time.end(device);
    device.synchronize();
    return made;
  }

  @Benchmark
  public Events expand(DeviceTime time) {
    step = (step + 1) % STEPS;
    time.begin(device);
    Events made = events[step].expand();
    time.end(device);
    device.synchronize();
    return made;
  }
}
