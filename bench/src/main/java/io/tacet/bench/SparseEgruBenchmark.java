package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.cuda.NativeBackend;
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
import io.tacet.sparse.SparsePattern;
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
 * A sequence forward and backward through event-gated units whose recurrent weights are on a random
 * sparse pattern that the gates share, without the input product. {@code threshold} sets the
 * activity, which is in the results; a negative one disables events.
 *
 * <p>Floor of a step and sample, with a the activity, H units and f synapses of each: forward 6 a f
 * H flops and 48 H bytes of states and gates; backward 6 a f H for the product (that of units with
 * an event at least), 6 a f H for the weight gradient and 56 H bytes. Each step reads the rows, 12
 * f bytes of weights and f indices of 2 or 4 bytes, of all active units, and depends on the
 * previous step; the gradient is read and written once, 24 f H bytes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class SparseEgruBenchmark {
  @Param("java")
  String backend;

  @Param("2048")
  int units;

  /** Probability of a synapse between two units. */
  @Param("0.05")
  double density;

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
  private EgruLayer layer;
  private EgruInputs inputs;
  private EgruOutputs outputs;
  private EgruTape tape;
  private EgruErrors errors;
  private EgruGradients gradients;
  private double meanActivity;
  private EgruEngine taken;

  /** See the class. */
  static Floor floor(Timing m) {
    double units = m.number("units");
    double batch = m.number("batch");
    double steps = m.number("steps");
    double activity = m.number("threshold") < 0 ? 1 : m.counter("activity");
    double fanOut = units * m.number("density");
    double states = steps * batch * units;
    boolean backward = m.method().equals("backward");
    double row = rowBytes(m);
    Floor floor =
        Floor.flops(
                (backward ? 12 : 6) * activity * states * fanOut + (backward ? 45 : 30) * states)
            .rows(steps * Floor.activeRows(units, activity, batch) * row, row, units * row)
            .stream((backward ? 56 : 48) * states, 48 * states)
            .steps(steps);
    double gradient = 24 * units * fanOut;
    return backward ? floor.stream(gradient, gradient) : floor;
  }

  /** Weights and indices of a unit. */
  static double rowBytes(Timing m) {
    double index = m.number("units") <= 1 << 16 ? 2 : 4;
    return m.number("units") * m.number("density") * (12 + index);
  }

  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    SplittableRandom random = new SplittableRandom(1);
    EgruOptions options = EgruOptions.defaults().engine(engine);
    float[] theta = new float[units];
    Arrays.fill(theta, (float) threshold);
    SparsePattern pattern = SparsePattern.of(open.own(DenseTwin.random(device, units, density)));
    layer =
        new EgruLayer(
            Draws.normal(
                open, device, random, Math.sqrt(0.5 / (units * density)), pattern.places(), 3),
            pattern,
            open.own(device.allocate(DType.FLOAT32, 3L * units)),
            open.own(device.allocate(DType.FLOAT32, 3L * units)),
            open.own(device.of(theta)),
            threshold < 0 ? options.withoutEvents() : options);
    inputs = EgruInputs.of(Draws.normal(open, device, random, 1, steps, batch, 3L * units));
    taken = device instanceof NativeBackend ours ? ours.egruEngine(layer, inputs) : EgruEngine.AUTO;
    DeviceArray counts = open.own(device.allocate(DType.INT32, units));
    outputs =
        new EgruOutputs(
            open.own(device.allocate(DType.FLOAT32, steps, batch, units)), null, null, counts);
    tape = open.own(EgruTape.of(device, DType.FLOAT32, steps, batch, units));
    errors = EgruErrors.of(Draws.normal(open, device, random, 1, steps, batch, units));
    gradients =
        new EgruGradients(
            open.own(device.allocate(DType.FLOAT32, steps, batch, 3L * units)),
            open.own(device.allocate(DType.FLOAT32, layer.recurrent().shape())),
            open.own(device.allocate(DType.FLOAT32, 3L * units)),
            open.own(device.allocate(DType.FLOAT32, 3L * units)),
            open.own(device.allocate(DType.FLOAT32, units)),
            null);
    Egru.forward(layer, inputs, outputs, tape);
    double events = 0;
    for (int count : counts.toInts()) {
      events += count;
    }
    meanActivity = events / steps / batch / units;
    EgruCheck.compare(layer, null, outputs.y(), errors.y(), inputs.currents());
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  private void report(EgruBenchmark.Activity activity) {
    activity.activity = meanActivity;
    activity.engine = EgruBenchmark.ENGINES.indexOf(taken);
  }

  @Benchmark
  public void forward(EgruBenchmark.Activity activity, DeviceTime time) {
    time.begin(device);
    Egru.forward(layer, inputs, outputs, tape);
    time.end(device);
    device.synchronize();
    report(activity);
  }

  /** All gradients. */
  @Benchmark
  public void backward(EgruBenchmark.Activity activity, DeviceTime time) {
    time.begin(device);
    Egru.backward(layer, inputs, tape, errors, gradients);
    time.end(device);
    device.synchronize();
    report(activity);
  }
}
