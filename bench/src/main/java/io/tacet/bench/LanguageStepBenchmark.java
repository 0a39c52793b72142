package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.Resources;
import io.tacet.network.EventCounter;
import io.tacet.network.Network;
import io.tacet.network.NetworkState;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.TrainingOptions;
import io.tacet.optim.Adam;
import io.tacet.optim.Optimizer;
import io.tacet.training.CrossEntropy;
import java.util.Arrays;
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
 * A whole training step of a language model of {@value #VOCABULARY} characters with one EGRU layer
 * before training: forward, loss, backward and Adam over a chunk of random text.
 *
 * <p>Floor, with a the activity and H units: that of {@link EgruBenchmark} forward and backward, a
 * linear read-out of V outputs at 2 H V (1 + 2 a) flops per step and sample, and 28 bytes per
 * parameter for Adam. The input is a token and so only a row of weights.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class LanguageStepBenchmark {
  static final int VOCABULARY = 64;
  private static final CrossEntropy LOSS = new CrossEntropy();

  /** So small that training does not change the activity, while every update is computed. */
  private static final double RATE = 1e-12;

  @Param("java")
  String backend;

  @Param("512")
  int units;

  @Param("32")
  int batch;

  /** Steps of a chunk. */
  @Param("64")
  int steps;

  /** Threads of the java and host backends. */
  @Param({"1", "2"})
  int threads;

  private Resources open;
  private Backend device;
  private Chunks work;
  private Optimizer optimizer;

  /** Events per unit and step, in the results beside the times. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Activity {
    public double activity;
  }

  /** See the class. */
  static Floor floor(Timing m) {
    double units = m.number("units");
    double batch = m.number("batch");
    double steps = m.number("steps");
    double activity = m.counter("activity");
    double parameters = 3 * units * (VOCABULARY + units) + VOCABULARY * units;
    return Floor.flops(
            2 * units * VOCABULARY * (1 + 2 * activity) * batch * steps + 12 * parameters)
        .stream(28 * parameters, 16 * parameters)
        .and(EgruBenchmark.sequence(units, batch, steps, activity, false), 1)
        .and(EgruBenchmark.sequence(units, batch, steps, activity, true), 1);
  }

  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    work = new Chunks(device, DType.FLOAT32, open);
    optimizer = open.own(Adam.rate(RATE).create(work.network.parameters()));
    compare();
  }

  /** A network and chunks of random text, states carried from one to the next. */
  private final class Chunks {
    private static final int COUNT = 7;

    final Network network;
    final Pass pass;
    private final NetworkState state;
    private final int[] text;
    private int chunk;

    Chunks(Backend backend, DType type, Resources owner) {
      network =
          owner.own(
              Network.on(backend)
                  .precision(type)
                  .tokens(VOCABULARY)
                  .egru(units)
                  .nextToken(false)
                  .build(1));
      pass = owner.own(new Pass(network, PassShape.steps(batch, steps, TrainingOptions.PLAIN)));
      state = owner.own(network.state(batch));
      text =
          new SplittableRandom(1).ints(((long) COUNT * steps + 1) * batch, 0, VOCABULARY).toArray();
    }

    /** Gradients of the next chunk. */
    void step() {
      int from = chunk * steps * batch;
      int to = from + steps * batch;
      pass.inputTokens().copyFrom(Arrays.copyOfRange(text, from, to));
      pass.label(Arrays.copyOfRange(text, from + batch, to + batch));
      network.zeroGradients();
      pass.forward(chunk, state);
      LOSS.evaluate(pass);
      pass.backward();
      state.advance();
      chunk = chunk + 1 < COUNT ? chunk + 1 : 0;
    }

    double loss() {
      return Arrays.stream(pass.losses().toDoubles()).average().orElseThrow();
    }

    double activity() {
      EventCounter counter = pass.counters().get(0).get(0);
      return counter.total() / ((double) counter.units() * counter.possible());
    }
  }

  /** Stops where loss or gradients of a chunk differ from the java backend in double precision. */
  private void compare() {
    work.step();
    try (Resources mine = new Resources()) {
      Chunks reference = new Chunks(mine.own(Machine.open("java", 0)), DType.FLOAT64, mine);
      reference.step();
      Agreement.close(
          "loss",
          new double[] {work.loss()},
          new double[] {reference.loss()},
          Agreement.SPIKE_TOLERANCE);
      Agreement.gradients(work.network.parameters(), reference.network.parameters());
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  @Benchmark
  public double trainingStep(Activity activity, DeviceTime time) {
    time.begin(device);
    work.step();
    optimizer.step(1);
    time.end(device);
    device.synchronize();
    activity.activity = work.activity();
    return work.loss();
  }
}
