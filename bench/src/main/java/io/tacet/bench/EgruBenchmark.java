package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.cuda.EgruPlan;
import io.tacet.cuda.NativeBackend;
import io.tacet.dense.Dense;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruTape;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * A sequence forward and backward, without the input product. {@code threshold} sets the activity,
 * which is in the results; a negative one disables events: the dense GRU of the same code.
 *
 * <p>Floor of a step and sample, with a the activity and H units: forward 6 a H^2 flops and 48 H
 * bytes of states and gates; backward 6 b H^2 for the product (b the fraction of units in the
 * surrogate's window or with an event, at least a; the java backend takes b = 1), 6 a H^2 for the
 * weight gradient and 56 H bytes. Each step reads the rows, 12 H bytes, of all active units, and
 * depends on the previous step.
 *
 * <p>{@code layerForward} and {@code trainingPass} are the whole layer with as many inputs as
 * units, for comparison with libraries that cannot omit the input product: 6 H^2 flops for it and
 * as many for the gradient of its weights, 4 H bytes of inputs and once the weights for each.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class EgruBenchmark {
  /** Counters are numbers, so an engine is encoded as one in the results. */
  static final List<EgruEngine> ENGINES =
      List.of(EgruEngine.AUTO, EgruEngine.EVENT, EgruEngine.DENSE, EgruEngine.PERSISTENT);

  @Param("java")
  String backend;

  @Param("512")
  int units;

  @Param("32")
  int batch;

  @Param("64")
  int steps;

  @Param({"0.3", "-1"})
  double threshold;

  @Param("AUTO")
  EgruEngine engine;

  @Param("CELL_RESET_AFTER")
  EgruVariant variant;

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
  private DeviceArray x;
  private DeviceArray inputWeights;
  private DeviceArray inputGradient;
  private double meanActivity;
  private EgruEngine taken = EgruEngine.AUTO;
  private int blocks;

  /** In the results beside the times. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Activity {
    /** Events per unit and step. */
    public double activity;

    /** Index of the engine that ran in {@link #ENGINES}; AUTO if the backend does not tell. */
    public double engine;

    /** Blocks of a forward pass that is one launch, else 0. */
    public double blocks;
  }

  /** See the class. */
  static Floor floor(Timing m) {
    double units = m.number("units");
    double batch = m.number("batch");
    double steps = m.number("steps");
    double activity = m.number("threshold") < 0 ? 1 : m.counter("activity");
    return switch (m.method()) {
      case "forward" -> sequence(units, batch, steps, activity, false);
      case "backward" -> sequence(units, batch, steps, activity, true);
      default -> layer(m, activity, m.method().equals("trainingPass"));
    };
  }

  /** The whole layer, forward only or with what a training pass does besides. */
  static Floor layer(Timing m, double activity, boolean training) {
    double units = m.number("units");
    double batch = m.number("batch");
    double steps = m.number("steps");
    Floor forward = sequence(units, batch, steps, activity, false).and(inputProduct(m), 1);
    return training
        ? forward.and(sequence(units, batch, steps, activity, true), 1).and(inputProduct(m), 1)
        : forward;
  }

  /** Of all steps, or the gradient of its weights, which is as much. */
  static Floor inputProduct(Timing m) {
    double units = m.number("units");
    double states = m.number("steps") * m.number("batch") * units;
    return Floor.flops(6 * units * states).stream(12 * units * units, 12 * units * units).stream(
        4 * states, 4 * states);
  }

  /** Recurrent part of all steps, without the input product. */
  static Floor sequence(
      double units, double batch, double steps, double activity, boolean backward) {
    double rows = steps * Floor.activeRows(units, activity, batch);
    double states = steps * batch * units;
    double products = (backward ? 12 : 6) * activity * states * units;
    double weights = 12 * units * units;
    return Floor.flops(products + (backward ? 45 : 30) * states)
        .rows(rows * 12 * units, 12 * units, weights)
        .stream((backward ? 56 : 48) * states, 48 * states)
        .steps(steps);
  }

  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    SplittableRandom random = new SplittableRandom(1);
    EgruOptions options = EgruOptions.defaults().variant(variant).engine(engine);
    float[] theta = new float[units];
    Arrays.fill(theta, (float) threshold);
    layer =
        new EgruLayer(
            Draws.normal(open, device, random, Math.sqrt(0.5 / units), units, 3L * units),
            open.own(device.allocate(DType.FLOAT32, 3L * units)),
            open.own(device.allocate(DType.FLOAT32, 3L * units)),
            open.own(device.of(theta)),
            threshold < 0 ? options.withoutEvents() : options);
    x = Draws.normal(open, device, random, 1, (long) steps * batch, units);
    inputWeights = Draws.normal(open, device, random, Math.sqrt(1.0 / units), units, 3L * units);
    inputs = EgruInputs.of(open.own(device.allocate(DType.FLOAT32, steps, batch, 3L * units)));
    Dense.multiply(x, inputWeights, false, inputs.currents());
    inputGradient = open.own(device.allocate(DType.FLOAT32, units, 3L * units));
    if (device instanceof NativeBackend ours) {
      EgruPlan.Pass forward = ours.egruPlan(layer, inputs).forward();
      taken = forward.engine();
      blocks = forward.blocks();
    }
    DeviceArray counts = open.own(device.allocate(DType.INT32, units));
    outputs =
        new EgruOutputs(
            open.own(device.allocate(DType.FLOAT32, steps, batch, units)), null, null, counts);
    tape = open.own(EgruTape.of(device, DType.FLOAT32, steps, batch, units));
    errors = EgruErrors.of(Draws.normal(open, device, random, 1, steps, batch, units));
    gradients =
        new EgruGradients(
            open.own(device.allocate(DType.FLOAT32, steps, batch, 3L * units)),
            open.own(device.allocate(DType.FLOAT32, units, 3L * units)),
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
    compareWith(outputs.y());
  }

  /** Fails if the events of a pass, or the results of a smaller one, are wrong. */
  void compareWith(DeviceArray events) {
    EgruCheck.compare(layer, x, inputWeights, events, errors.y(), inputs.currents());
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  private void report(Activity activity) {
    activity.activity = meanActivity;
    activity.engine = ENGINES.indexOf(taken);
    activity.blocks = blocks;
  }

  @Benchmark
  public void forward(Activity activity, DeviceTime time) {
    time.begin(device);
    Egru.forward(layer, inputs, outputs, tape);
    time.end(device);
    device.synchronize();
    report(activity);
  }

  /** All gradients but that of the input weights. */
  @Benchmark
  public void backward(Activity activity, DeviceTime time) {
    time.begin(device);
    Egru.backward(layer, inputs, tape, errors, gradients);
    time.end(device);
    device.synchronize();
    report(activity);
  }

  /** The input product and all steps, without what a backward pass would need. */
  @Benchmark
  public void layerForward(Activity activity, DeviceTime time) {
    time.begin(device);
    Dense.multiply(x, inputWeights, false, inputs.currents());
    Egru.forward(layer, inputs, outputs, null);
    time.end(device);
    device.synchronize();
    report(activity);
  }

  /** The whole layer forward and backward: all gradients but that of the inputs. */
  @Benchmark
  public void trainingPass(Activity activity, DeviceTime time) {
    time.begin(device);
    Dense.multiply(x, inputWeights, false, inputs.currents());
    Egru.forward(layer, inputs, outputs, tape);
    Egru.backward(layer, inputs, tape, errors, gradients);
    Dense.transposedMultiply(x, gradients.currents(), false, inputGradient);
    time.end(device);
    device.synchronize();
    report(activity);
  }
}
