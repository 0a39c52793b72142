package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.Arrays;
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
 * Sequences forward and backward through layers of one shape, without the input product: all in the
 * calls of one, and one after the other.
 *
 * <p>Floor: that of {@link EgruBenchmark}, forward and backward, for each of the {@code replicas},
 * whose steps depend on the previous step of the same replica only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class EgruReplicaBenchmark {
  @Param("java")
  String backend;

  @Param("8")
  int replicas;

  @Param("64")
  int units;

  @Param("8")
  int batch;

  @Param("16")
  int steps;

  @Param("0.3")
  double threshold;

  @Param("AUTO")
  EgruEngine engine;

  /** Threads of the java and host backends. */
  @Param("2")
  int threads;

  private Resources open;
  private Backend device;
  private Passes together;
  private List<Passes> apart;
  private double activity;

  /** Of one replica, or with an axis for several. */
  private record Passes(
      EgruLayer layer,
      EgruInputs inputs,
      EgruOutputs outputs,
      EgruTape tape,
      EgruErrors errors,
      EgruGradients gradients) {

    void run() {
      Egru.forward(layer, inputs, outputs, tape);
      Egru.backward(layer, inputs, tape, errors, gradients);
    }
  }

  /** See the class. */
  static Floor floor(Timing m) {
    double units = m.number("units");
    double batch = m.number("batch");
    double steps = m.number("steps");
    double activity = m.counter("activity");
    Floor one =
        EgruBenchmark.sequence(units, batch, steps, activity, false)
            .and(EgruBenchmark.sequence(units, batch, steps, activity, true), 1);
    double replicas = m.number("replicas");
    List<Floor.Traffic> traffic =
        one.traffic().stream()
            .map(t -> new Floor.Traffic(replicas * t.bytes(), t.rowBytes(), replicas * t.within()))
            .toList();
    return new Floor(traffic, replicas * one.flops(), one.steps());
  }

  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    SplittableRandom random = new SplittableRandom(1);
    together =
        passes(
            Draws.normal(open, device, random, Math.sqrt(0.5 / units), replicas, units, 3L * units),
            Draws.normal(open, device, random, 1, replicas, steps, batch, 3L * units),
            Draws.normal(open, device, random, 1, replicas, steps, batch, units));
    apart = new ArrayList<>();
    for (int replica = 0; replica < replicas; replica++) {
      apart.add(
          passes(
              part(together.layer.recurrent(), replica),
              part(together.inputs.currents(), replica),
              part(together.errors.y(), replica)));
    }
    together.run();
    apart.forEach(Passes::run);
    activity =
        Arrays.stream(together.outputs.counts().toInts()).average().orElseThrow() / steps / batch;
    compare();
  }

  /** Fails if the last replica is not bit for bit what it is apart, or if that is wrong. */
  private void compare() {
    Passes one = apart.get(replicas - 1);
    same("y", together.outputs.y(), one.outputs.y());
    same("dL/da", together.gradients.currents(), one.gradients.currents());
    same("dL/dR", together.gradients.recurrent(), one.gradients.recurrent());
    same("dL/dtheta", together.gradients.thresholds(), one.gradients.thresholds());
    EgruCheck.compare(one.layer, null, one.outputs.y(), one.errors.y(), one.inputs.currents());
  }

  private void same(String what, DeviceArray all, DeviceArray one) {
    double[] values = all.toDoubles();
    int from = values.length - values.length / replicas;
    double[] last = Arrays.copyOfRange(values, from, values.length);
    Agreement.close(what, last, one.toDoubles(), 0);
  }

  private Passes passes(DeviceArray recurrent, DeviceArray currents, DeviceArray errors) {
    long[] shape = recurrent.shape();
    long[] each = shape.length == 3 ? new long[] {replicas} : new long[0];
    DeviceArray thresholds = floats(each, units);
    float[] theta = new float[(int) thresholds.length()];
    Arrays.fill(theta, (float) threshold);
    EgruLayer layer =
        new EgruLayer(
            recurrent,
            floats(each, 3L * units),
            floats(each, 3L * units),
            thresholds.copyFrom(theta),
            EgruOptions.defaults().engine(engine));
    EgruTape tape =
        new EgruTape(
            floats(each, steps, batch, units),
            floats(each, steps, batch, units),
            floats(each, steps, batch, units),
            floats(each, steps, batch, units),
            floats(each, steps, batch, units),
            open.own(device.allocate(DType.INT32, of(each, steps, batch, (units + 31) / 32))));
    DeviceArray counts = open.own(device.allocate(DType.INT32, of(each, units)));
    EgruGradients gradients =
        new EgruGradients(
            floats(each, steps, batch, 3L * units),
            floats(each, units, 3L * units),
            floats(each, 3L * units),
            floats(each, 3L * units),
            floats(each, units),
            null);
    return new Passes(
        layer,
        EgruInputs.of(currents),
        new EgruOutputs(floats(each, steps, batch, units), null, null, counts),
        tape,
        EgruErrors.of(errors),
        gradients);
  }

  private DeviceArray floats(long[] each, long... shape) {
    return open.own(device.allocate(DType.FLOAT32, of(each, shape)));
  }

  /** With the axis for replicas where there is one. */
  private static long[] of(long[] each, long... shape) {
    long[] all = Arrays.copyOf(each, each.length + shape.length);
    System.arraycopy(shape, 0, all, each.length, shape.length);
    return all;
  }

  /** A copy of the part of a replica. */
  private DeviceArray part(DeviceArray all, int replica) {
    float[] values = all.toFloats();
    int length = values.length / replicas;
    long[] shape = all.shape();
    return open.own(
        device.of(
            Arrays.copyOfRange(values, replica * length, (replica + 1) * length),
            Arrays.copyOfRange(shape, 1, shape.length)));
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  /** In the calls of one. */
  @Benchmark
  public void together(EgruBenchmark.Activity counters, DeviceTime time) {
    time.begin(device);
    together.run();
    time.end(device);
    device.synchronize();
    counters.activity = activity;
  }

  /** In calls of their own. */
  @Benchmark
  public void apart(EgruBenchmark.Activity counters, DeviceTime time) {
    time.begin(device);
    apart.forEach(Passes::run);
    time.end(device);
    device.synchronize();
    counters.activity = activity;
  }
}
