package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.data.Text;
import io.tacet.egru.EgruOptions;
import io.tacet.memory.DType;
import io.tacet.memory.Resources;
import io.tacet.optim.Adam;
import io.tacet.optim.Optimizer;
import io.tacet.recurrent.LanguageTrainee;
import io.tacet.recurrent.RecurrentNetwork;
import io.tacet.recurrent.RecurrentSpec;
import io.tacet.recurrent.RecurrentTraining;
import io.tacet.training.Tally;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
  private LanguageTrainee trainee;
  private Optimizer optimizer;
  private int chunks;
  private int chunk;

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
    trainee = trainee(device, DType.FLOAT32, open);
    optimizer = open.own(Adam.rate(RATE).create(trainee.parameters()));
    chunks = trainee.begin(0);
    compare();
  }

  private LanguageTrainee trainee(Backend backend, DType type, Resources owner) {
    RecurrentSpec spec =
        new RecurrentSpec(
            VOCABULARY,
            true,
            0,
            List.of(units),
            VOCABULARY,
            false,
            true,
            true,
            0.3,
            type,
            EgruOptions.defaults());
    RecurrentNetwork network = owner.own(RecurrentNetwork.build(backend, spec, 1));
    List<String> characters = IntStream.range(0, VOCABULARY).mapToObj(k -> "c" + k).toList();
    int[] tokens = new SplittableRandom(1).ints(8L * batch * (steps + 1), 0, VOCABULARY).toArray();
    return owner.own(
        new LanguageTrainee(
            network,
            new Text("random text", characters, tokens),
            null,
            steps,
            false,
            RecurrentTraining.of(batch, 1)));
  }

  /** Stops where loss or gradients of a chunk differ from the java backend in double precision. */
  private void compare() {
    Tally ours = new Tally();
    trainee.batch(0, 0, ours);
    try (Resources mine = new Resources()) {
      LanguageTrainee reference = trainee(mine.own(Machine.open("java", 0)), DType.FLOAT64, mine);
      reference.begin(0);
      Tally theirs = new Tally();
      reference.batch(0, 0, theirs);
      Agreement.close(
          "loss",
          new double[] {ours.meanLoss()},
          new double[] {theirs.meanLoss()},
          Agreement.SPIKE_TOLERANCE);
      Agreement.gradients(trainee.parameters(), reference.parameters());
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  @Benchmark
  public double trainingStep(Activity activity, DeviceTime time) {
    Tally tally = new Tally();
    time.begin(device);
    trainee.batch(0, chunk, tally);
    optimizer.step(1);
    time.end(device);
    device.synchronize();
    chunk = chunk + 1 < chunks ? chunk + 1 : 0;
    activity.activity = tally.activity();
    return tally.meanLoss();
  }
}
