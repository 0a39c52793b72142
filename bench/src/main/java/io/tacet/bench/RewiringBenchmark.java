package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.rewire.Companion;
import io.tacet.rewire.GradientFactors;
import io.tacet.rewire.RandomWalk;
import io.tacet.rewire.Rewirer;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.WeightLaw;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
 * Rewiring of n units to n units with a fan-out of 100 on average, weights with two moments: {@code
 * mark} finds the {@code fraction} of smallest weights, {@code set} replaces them by random ones,
 * {@code deepR} takes a step of a random walk and replaces what crossed 0; {@code search} marks
 * like {@code mark} and finds as many absent synapses with the largest gradients, of 64 pairs of
 * step and sample in which a tenth of the units sent something.
 *
 * <p>Floor per synapse: {@code mark} reads the weight and writes a mark, 6 bytes; {@code set} reads
 * the weight, and reads and writes an index of 16 bits, the weight and the moments, 32 bytes;
 * {@code deepR} reads signs, too, which move along, 48 bytes. {@code search} multiplies and adds
 * once for each event and target, and writes 8 bytes for each synapse that it finds.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RewiringBenchmark {
  private static final int FAN_OUT = 100;
  private static final long SEED = 3;

  /** Pairs of step and sample that gradients are summed over, and part of the units that send. */
  private static final int PAIRS = 64;

  private static final double ACTIVITY = 0.1;

  /** Absent pairs whose gradients are compared with those that were found. */
  private static final int COMPARED = 100_000;

  /** Of a weight with two moments, and of its index. */
  private static final int BYTES = 14;

  /** So that about one synapse of a thousand crosses in a step. */
  private static final RandomWalk WALK = new RandomWalk(0, 1e-3);

  @Param("java")
  String backend;

  @Param({"4096", "32768"})
  int n;

  @Param("0.3")
  double fraction;

  /** Threads of the java and host backends. */
  @Param("1")
  int threads;

  private Resources open;
  private Backend device;
  private DeviceArray weights;
  private DeviceArray signs;
  private Rewirer set;
  private Rewirer deepR;
  private DeviceArray walking;
  private DeviceArray sent;
  private DeviceArray errors;
  private int step;

  /** See the class. */
  static Floor floor(Timing m) {
    double synapses = m.number("n") * FAN_OUT;
    return switch (m.method()) {
      case "mark" -> Floor.flops(synapses).stream(6 * synapses, 4 * synapses);
      case "search" ->
          Floor.flops(2 * PAIRS * ACTIVITY * m.number("n") * m.number("n")).stream(
              6 * synapses, 4 * synapses)
              .stream(8 * PAIRS * m.number("n"), 8 * PAIRS * m.number("n"))
              .stream(8 * m.number("fraction") * synapses, 8 * synapses);
      case "set" -> Floor.flops(synapses).stream((2 * BYTES + 4) * synapses, BYTES * synapses);
      default ->
          Floor.flops(4 * synapses).stream(
              (2 * (BYTES + 4) + 12) * synapses, (BYTES + 4) * synapses);
    };
  }

  /** Makes the synapses, and compares a replacement with what sorting leaves. */
  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    CsrSynapses first = synapses();
    weights = first.weights();
    set =
        open.own(
            new Rewirer(wiring(first), List.of(zeroed(weights), moments(first), moments(first))));
    CsrSynapses second = synapses();
    walking = second.weights();
    double[] sides = walking.toDoubles();
    signs = open.own(device.allocate(DType.FLOAT32, sides.length)).copyFrom(sides);
    deepR =
        open.own(
            new Rewirer(
                wiring(second),
                List.of(
                    zeroed(walking),
                    moments(second),
                    moments(second),
                    new Companion(signs, WeightLaw.uniform(-1, 1)))));
    factors();
    compare();
    compareSearch(first);
  }

  private void factors() {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] events = new float[PAIRS * n];
    float[] slopes = new float[PAIRS * n];
    for (int k = 0; k < events.length; k++) {
      events[k] = random.nextDouble() < ACTIVITY ? (float) random.nextDouble(0.1, 1) : 0;
      slopes[k] = (float) random.nextDouble(-1, 1);
    }
    sent = open.own(device.allocate(DType.FLOAT32, PAIRS, n)).copyFrom(events);
    errors = open.own(device.allocate(DType.FLOAT32, PAIRS, n)).copyFrom(slopes);
  }

  private CsrSynapses synapses() {
    return open.own(
        CsrSynapses.random(
            device, DType.FLOAT32, n, n, (double) FAN_OUT / n, WeightLaw.normal(0, 1), SEED));
  }

  private static Wiring wiring(CsrSynapses synapses) {
    return Wiring.of(SparsePattern.of(synapses));
  }

  private static Companion zeroed(DeviceArray array) {
    return Companion.zeroed(array);
  }

  private Companion moments(CsrSynapses synapses) {
    return zeroed(open.own(device.allocate(DType.FLOAT32, synapses.count())));
  }

  private long count() {
    return (long) (fraction * set.synapses());
  }

  private void compare() {
    double[] expected = Arrays.stream(weights.toDoubles()).map(Math::abs).sorted().toArray();
    Arrays.fill(expected, 0, (int) count(), 0);
    set();
    double[] found = Arrays.stream(weights.toDoubles()).map(Math::abs).sorted().toArray();
    Agreement.close("weights", found, expected, 0);
  }

  /** No absent pair of many has a larger gradient than one that was found. */
  private void compareSearch(CsrSynapses synapses) {
    Set<Long> before = pairs(synapses);
    search();
    set.replaceByFound(SEED, ++step);
    float[] events = sent.toFloats();
    float[] slopes = errors.toFloats();
    Set<Long> after = pairs(synapses);
    double least = Double.POSITIVE_INFINITY;
    for (long pair : after) {
      if (!before.contains(pair)) {
        least = Math.min(least, magnitude(events, slopes, pair));
      }
    }
    SplittableRandom random = new SplittableRandom(SEED + 1);
    for (int k = 0; k < COMPARED; k++) {
      long pair = random.nextLong((long) n * n);
      if (!before.contains(pair)
          && !after.contains(pair)
          && magnitude(events, slopes, pair) > least * (1 + 1e-5)) {
        throw new IllegalStateException("search: pair " + pair + " has a larger gradient.");
      }
    }
  }

  private Set<Long> pairs(CsrSynapses synapses) {
    int[] offsets = synapses.rowOffsets().toInts();
    int[] targets = synapses.indices().toInts();
    Set<Long> pairs = new HashSet<>();
    for (int i = 0; i < n; i++) {
      for (int s = offsets[i]; s < offsets[i + 1]; s++) {
        pairs.add((long) i * n + targets[s]);
      }
    }
    return pairs;
  }

  private double magnitude(float[] events, float[] slopes, long pair) {
    double sum = 0;
    for (int p = 0; p < PAIRS; p++) {
      sum += (double) events[p * n + (int) (pair / n)] * slopes[p * n + (int) (pair % n)];
    }
    return Math.abs(sum);
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  private void set() {
    set.markSmallest(weights, count());
    set.replace(count(), SEED, ++step);
  }

  @Benchmark
  public void mark(DeviceTime time) {
    time.begin(device);
    set.markSmallest(weights, count());
    time.end(device);
    device.synchronize();
  }

  private void search() {
    set.markSmallest(weights, count());
    set.findLargest(GradientFactors.of(sent, errors), count());
  }

  @Benchmark
  public void search(DeviceTime time) {
    time.begin(device);
    search();
    time.end(device);
    device.synchronize();
  }

  /** The smallest are those that were new, from the second call on. */
  @Benchmark
  public void set(DeviceTime time) {
    time.begin(device);
    set();
    time.end(device);
    device.synchronize();
  }

  @Benchmark
  public long deepR(DeviceTime time) {
    time.begin(device);
    long crossed = deepR.markCrossed(walking, signs, WALK, SEED, ++step);
    deepR.replace(crossed, SEED, step);
    time.end(device);
    device.synchronize();
    return crossed;
  }
}
