package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.data.SpikeDataset;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.memory.Resources;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.TrainingOptions;
import io.tacet.optim.Adam;
import io.tacet.optim.Optimizer;
import io.tacet.reference.JavaBackend;
import io.tacet.training.Loss;
import io.tacet.training.TimeToFirstSpike;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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
 * EventProp over whole networks, a batch of samples per call, cycling through 16 batches so that
 * the branch predictor cannot memorise them.
 *
 * <p>Floors. A layer of N neurons gets E events per sample, its synapses have f targets per source,
 * B samples, S spikes per sample, s bytes per number (4 or 8); {@code hiddenSpikes} and {@code
 * outputSpikes} in the results are S of the two layers, and E of a layer is S of the one below,
 * plus its own S through recurrent synapses.
 *
 * <table>
 * <caption>Least traffic and work of a layer, exact simulator</caption>
 * <tr><th>pass</th><th>bytes</th><th>flop</th></tr>
 * <tr><td>forward</td><td>{@code s nnz + B E (s + 4) + B S (2 s + 4)}</td>
 *     <td>{@code B E (f + 4 N)} and about {@code 60 B S} for the roots</td></tr>
 * <tr><td>backward</td><td>{@code 2 s nnz + B E (s + 4) + B S (3 s + 4)}</td>
 *     <td>{@code B E (2 f + 4 N) + 20 B S}</td></tr>
 * <tr><td>loss</td><td>{@code B S (2 s + 4)}</td><td>{@code 10 B classes}</td></tr>
 * <tr><td>Adam</td><td>{@code 7 s nnz}</td><td>{@code 12 nnz}</td></tr>
 * </table>
 *
 * <p>{@code 4 N} is the exact motion of V and I of every neuron between two events. A feed-forward
 * layer whose neurons stop after their last spike can stay below it; a grid of T steps has {@code 6
 * N T} instead and moves {@code 4 s N} bytes per sample and step unless the state stays in
 * registers. For 5-200-3 a step is about 10 kflop and 1 kB per sample: the benchmark measures
 * latency and branches, not bandwidth. {@code -p network=alif} is the recurrent network with
 * adaptive thresholds, {@code alpha} that with alpha synapses; the least motion of both is {@code 6
 * N} instead of {@code 4 N}, and {@code 8 N T} instead of {@code 6 N T} on a grid.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class EventPropBenchmark {
  private static final int BATCHES = 16;
  static final double GRID_MS = 0.1;

  /** Flops of a logarithm or an exponential, roughly. */
  private static final double ELEMENTARY = 25;

  /** So small that training changes no spike, while every update is computed. */
  static final double RATE = 1e-12;

  private static final Loss LOSS = TimeToFirstSpike.of(0.5, 6.4, 3e-3);

  @Param({"yin-yang", "recurrent"})
  String network;

  /** {@code exact}, or {@code grid} with a step of 0.1 ms. */
  @Param({"exact", "grid"})
  String simulator;

  @Param("32")
  int batch;

  /** Neurons of the hidden layer; 0 for the size of the network itself, 200 or 100. */
  @Param("0")
  int hidden;

  @Param("java")
  String backend;

  /** Threads of the java and host backends. */
  @Param({"1", "2"})
  int threads;

  @Param({"float32", "float64"})
  String precision;

  private final Resources resources = new Resources();
  private final Pass[] passes = new Pass[BATCHES];
  private Backend open;
  private Network net;
  private Optimizer optimizer;
  private int next;
  private double hiddenSpikes;
  private double outputSpikes;

  /** Spikes per sample, in the results beside the times. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Activity {
    public double hiddenSpikes;
    public double outputSpikes;
  }

  /** See the class; without a term for what stays in registers. */
  static Floor floor(Timing m) {
    return sum(m, Layer::forward, Layer::backward);
  }

  /**
   * What the java backend does in layers without recurrence: neurons that share their time
   * constants advance together, and a spike takes the logarithms and exponentials of its own. Null
   * for other algorithms, whose work depends on who spikes when.
   */
  static Floor algorithm(Timing m) {
    boolean grid = m.text("simulator").equals("grid");
    boolean sweep = m.onJava() && Workload.named(m.text("network")) == Workload.YIN_YANG;
    if (grid || !sweep) {
      return null;
    }
    return sum(m, Layer::forwardSweep, Layer::backwardSweep);
  }

  private static Floor sum(
      Timing m, Function<Layer, Floor> forwardOf, Function<Layer, Floor> backwardOf) {
    Workload workload = Workload.named(m.text("network"));
    double inputs = workload.eventsPerSample();
    int neurons = workload.hidden(m.has("hidden") ? (int) m.number("hidden") : 0);
    double batch = m.has("batch") ? m.number("batch") : 32;
    double hidden = m.counter("hiddenSpikes");
    double outputs = m.counter("outputSpikes");
    double bytes = m.text("precision").equals("float64") ? 8 : 4;
    boolean grid = m.text("simulator").equals("grid");
    double recurrent = workload.recurrentFanOut(neurons);
    Layer first =
        new Layer(
            workload.sources(),
            neurons,
            recurrent,
            inputs,
            hidden,
            batch,
            bytes,
            grid,
            workload.motion());
    Layer last = new Layer(neurons, Workload.CLASSES, 0, hidden, outputs, batch, bytes, grid, 4);
    Floor forward = forwardOf.apply(first).and(forwardOf.apply(last), 1);
    Floor backward = backwardOf.apply(first).and(backwardOf.apply(last), 1);
    double synapses = first.synapses() + last.synapses();
    return switch (m.method()) {
      case "forward" -> forward;
      case "backward" -> backward;
      default ->
          forward
              .and(backward, 1)
              .and(Floor.flops(12 * synapses).stream(7 * bytes * synapses, 0), 1);
    };
  }

  /**
   * A layer of the table above.
   *
   * @param fanOut recurrent synapses of a neuron
   * @param events that arrive from below, per sample
   * @param variables twice those of the state of a neuron, of which each takes a multiplication and
   *     an addition
   */
  private record Layer(
      double sources,
      double neurons,
      double fanOut,
      double events,
      double spikes,
      double batch,
      double bytes,
      boolean grid,
      double variables) {
    double synapses() {
      return sources * neurons + fanOut * neurons;
    }

    private double targets() {
      return events * neurons + spikes * fanOut;
    }

    private double arrivals() {
      return events + (fanOut > 0 ? spikes : 0);
    }

    private double motion() {
      // On a grid each step takes a comparison and its subtraction, too.
      return grid
          ? (variables + 2) * neurons * Workload.DURATION_MS / GRID_MS
          : variables * neurons * arrivals();
    }

    Floor forward() {
      return Floor.flops(batch * (targets() + motion() + (grid ? 0 : 60 * spikes))).stream(
          bytes * synapses() + batch * (arrivals() * (bytes + 4) + spikes * (2 * bytes + 4)), 0);
    }

    Floor backward() {
      return Floor.flops(batch * (2 * targets() + motion() + 20 * spikes)).stream(
          2 * bytes * synapses() + batch * (arrivals() * (bytes + 4) + spikes * (3 * bytes + 4)),
          0);
    }

    /** Each neuron is tested at each arrival; a spike takes a logarithm and two exponentials. */
    Floor forwardSweep() {
      double tests = 3 * neurons * arrivals();
      return forward().and(Floor.flops(batch * (tests + 3 * ELEMENTARY * spikes)), 1);
    }

    /** The error of each event is a sum over neurons; a spike takes two exponentials. */
    Floor backwardSweep() {
      double errors = 2 * neurons * arrivals();
      return backward().and(Floor.flops(batch * (errors + 2 * ELEMENTARY * spikes)), 1);
    }
  }

  /** Builds network and batches, goes through each once, and compares with the reference. */
  @Setup(Level.Trial)
  public void prepare() {
    Workload workload = Workload.named(network);
    Simulator chosen = simulator.equals("grid") ? Simulator.grid(GRID_MS) : Simulator.exact();
    DType type = precision.equals("float64") ? DType.FLOAT64 : DType.FLOAT32;
    open = resources.own(Machine.open(backend, threads));
    if (!open.supports(type)) {
      throw new IllegalArgumentException(
          "precision: the " + open.name() + " backend has no " + precision + "; add -p precision.");
    }
    net = resources.own(workload.network(open, type, chosen, hidden));
    optimizer = resources.own(Adam.rate(RATE).create(net.parameters()));
    SpikeDataset data = workload.data(batch * BATCHES);
    for (int k = 0; k < BATCHES; k++) {
      passes[k] = resources.own(load(net, data.slice(batch * k, batch * (k + 1))));
      forwardAndBack(passes[k]);
      hiddenSpikes += Agreement.spikesPerSample(passes[k], 0) / BATCHES;
      outputSpikes += Agreement.spikesPerSample(passes[k], 1) / BATCHES;
    }
    SpikeDataset last = data.slice(batch * (BATCHES - 1), batch * BATCHES);
    compare(workload, chosen, hidden, passes[BATCHES - 1], last);
  }

  /** Fails if a forward and backward pass differs from the reference. */
  static void compare(
      Workload workload, Simulator chosen, int hidden, Pass measured, SpikeDataset samples) {
    try (Backend java = new JavaBackend(1);
        Network reference = workload.network(java, DType.FLOAT64, chosen, hidden);
        Pass pass = load(reference, samples)) {
      forwardAndBack(pass);
      Agreement.check(measured, pass);
    }
  }

  /** Everything except the update. */
  static void forwardAndBack(Pass pass) {
    pass.forward();
    LOSS.evaluate(pass);
    pass.network().zeroGradients();
    pass.backward();
  }

  /** A batch with these samples; the caller closes it. */
  static Pass load(Network network, SpikeDataset samples) {
    double[][] times = new double[samples.size()][];
    int[][] sources = new int[samples.size()][];
    int most = 1;
    for (int i = 0; i < samples.size(); i++) {
      int begin = samples.begin(i);
      int count = samples.end(i) - begin;
      times[i] = new double[count];
      sources[i] = new int[count];
      for (int e = 0; e < count; e++) {
        times[i][e] = samples.time(begin + e);
        sources[i][e] = samples.source(begin + e);
      }
      most = Math.max(most, count);
    }
    Pass pass = new Pass(network, PassShape.events(samples.size(), most, TrainingOptions.PLAIN));
    pass.inputSpikes().set(times, sources);
    pass.label(samples.labels());
    return pass;
  }

  private Pass turn() {
    next = (next + 1) % BATCHES;
    return passes[next];
  }

  /** Both layers, from input events to output spikes. */
  @Benchmark
  public Pass forward(Activity activity, DeviceTime time) {
    Pass pass = turn();
    time.begin(open);
    pass.forward();
    time.end(open);
    open.synchronize();
    report(activity);
    return pass;
  }

  private void report(Activity activity) {
    activity.hiddenSpikes = hiddenSpikes;
    activity.outputSpikes = outputSpikes;
  }

  /** Both layers, from the errors of output spikes to the gradients of all weights. */
  @Benchmark
  public Pass backward(Activity activity, DeviceTime time) {
    Pass pass = turn();
    time.begin(open);
    pass.backward();
    time.end(open);
    open.synchronize();
    report(activity);
    return pass;
  }

  /** A training step: forward, loss, backward, Adam. */
  @Benchmark
  public Pass trainingStep(Activity activity, DeviceTime time) {
    Pass pass = turn();
    time.begin(open);
    forwardAndBack(pass);
    optimizer.step(1);
    time.end(open);
    open.synchronize();
    report(activity);
    return pass;
  }

  /** Releases everything. */
  @TearDown(Level.Trial)
  public void close() {
    resources.close();
  }
}
