package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Elimination;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import io.tacet.sparse.PhiloxRandom;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.WeightLaw;
import java.util.Arrays;
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
 * Which of many odorants the silent of {@code receptors} receptors rule out, for odors of {@value
 * #COMPONENTS} odorants at a density s of {@value #DENSITY}: {@code candidates} finds what is left,
 * {@code vetoes} counts the silent receptors of each odorant, and {@code scatter} counts them by
 * {@link EventPropagation} over rows of indices with weights of 1. A receptor is silent with
 * probability {@code (1 - s)^10 = 0.6}; of n silent ones, {@code odorants (1 - s)^n} absent
 * odorants are expected to survive.
 *
 * <p>Floor: {@code vetoes} reads an eighth of a byte per silent receptor and odorant, once for all
 * odors, and reads and writes 4 bytes per odor and odorant; {@code scatter} reads 8 bytes per
 * synapse instead (6 up to 65,536 odorants). {@code candidates} needs a word of 32 odorants of the
 * n-th silent receptor with probability {@code 1 - (1 - (1 - s)^n)^32} only, since it is otherwise
 * empty already: about 80 receptors, whatever their number.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EliminationBenchmark {
  static final double DENSITY = 0.05;
  static final int COMPONENTS = 10;
  private static final double SILENT = Math.pow(1 - DENSITY, COMPONENTS);
  private static final long SEED = 7;

  @Param("java")
  String backend;

  @Param("1000")
  int receptors;

  @Param("100000")
  int odorants;

  @Param("1")
  int batch;

  /** Threads of the java and host backends. */
  @Param("1")
  int threads;

  private Resources open;
  private Backend device;
  private Elimination elimination;
  private EventPropagation propagation;
  private Events silent;
  private Events left;
  private DeviceArray vetoes;
  private DeviceArray counts;

  /** See the class. */
  static Floor floor(Timing m) {
    double odorants = m.number("odorants");
    double receptors = m.number("receptors");
    double batch = m.number("batch");
    double rows = receptors * anyOf(SILENT, batch);
    double words = odorants / 32;
    double counted = 8 * odorants * batch;
    return switch (m.method()) {
      case "candidates" -> {
        double needed = rowsUntilEmpty(receptors * SILENT);
        double read = 4 * words * receptors * anyOf(needed / receptors, batch);
        yield Floor.flops(words * needed * batch).stream(
            read + 4 * words * batch, 4 * words * receptors);
      }
      case "vetoes" ->
          Floor.flops(odorants * DENSITY * receptors * SILENT * batch).stream(
              4 * words * rows + counted, 4 * words * receptors + counted / 2);
      default -> {
        double synapse = odorants > 65536 ? 8 : 6;
        double row = synapse * odorants * DENSITY;
        yield Floor.flops(2 * odorants * DENSITY * receptors * SILENT * batch).stream(
            row * rows + counted, row * receptors + counted / 2);
      }
    };
  }

  /** Probability that what has a probability happens for any odor. */
  private static double anyOf(double probability, double batch) {
    return 1 - Math.pow(1 - probability, batch);
  }

  /** Silent receptors that are expected to be needed until none of 32 odorants is left. */
  static double rowsUntilEmpty(double silent) {
    double rows = 0;
    for (int n = 0; n < silent; n++) {
      rows += 1 - Math.pow(1 - Math.pow(1 - DENSITY, n), 32);
    }
    return rows;
  }

  /** Makes receptors and odors, and compares the methods with one another and with the odors. */
  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    CsrSynapses synapses =
        open.own(
            CsrSynapses.random(
                device, DType.FLOAT32, receptors, odorants, DENSITY, WeightLaw.constant(1), SEED));
    elimination = open.own(Elimination.of(SparsePattern.of(synapses)));
    propagation = open.own(EventPropagation.of(synapses, batch));
    vetoes = open.own(device.allocate(DType.INT32, batch, odorants));
    counts = open.own(device.allocate(DType.FLOAT32, batch, odorants));
    left = open.own(Events.binary(device, batch, odorants));
    int[][] odors = odors();
    silent =
        open.own(Events.binary(device, batch, receptors))
            .compactSilent(
                open.own(device.allocate(DType.FLOAT32, batch, receptors))
                    .copyFrom(responses(synapses, odors)),
                0);
    compare(odors);
  }

  private int[][] odors() {
    int[][] odors = new int[batch][COMPONENTS];
    PhiloxRandom random = new PhiloxRandom(SEED, -1);
    for (int[] odor : odors) {
      for (int k = 0; k < COMPONENTS; k++) {
        odor[k] = (int) (random.nextDouble() * odorants);
      }
    }
    return odors;
  }

  /** How many odorants of its odor bind each receptor. */
  private float[] responses(CsrSynapses synapses, int[][] odors) {
    int[] offsets = synapses.rowOffsets().toInts();
    int[] indices = synapses.indices().toInts();
    float[] responses = new float[batch * receptors];
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < receptors; i++) {
        for (int odorant : odors[b]) {
          boolean binds = Arrays.binarySearch(indices, offsets[i], offsets[i + 1], odorant) >= 0;
          responses[b * receptors + i] += binds ? 1 : 0;
        }
      }
    }
    return responses;
  }

  private void compare(int[][] odors) {
    elimination.vetoes(silent, vetoes.zero());
    propagation.forward(silent, counts.zero());
    int[] found = vetoes.toInts();
    double[] counted = Arrays.stream(found).asDoubleStream().toArray();
    Agreement.close("vetoes", counted, counts.toDoubles(), 0);
    int[] bitmap = elimination.candidates(silent, left).bitmap().toInts();
    int words = Events.words(odorants);
    for (int b = 0; b < batch; b++) {
      for (int m = 0; m < odorants; m++) {
        boolean isLeft = (bitmap[b * words + m / 32] >> (m % 32) & 1) != 0;
        if (isLeft != (found[b * odorants + m] == 0)) {
          throw new IllegalStateException("candidates: odorant " + m + " of odor " + b + ".");
        }
      }
      for (int odorant : odors[b]) {
        if (found[b * odorants + odorant] != 0) {
          throw new IllegalStateException("An odorant that is there was ruled out.");
        }
      }
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  @Benchmark
  public Events candidates(DeviceTime time) {
    time.begin(device);
    Events made = elimination.candidates(silent, left);
    time.end(device);
    device.synchronize();
    return made;
  }

  @Benchmark
  public void vetoes(DeviceTime time) {
    time.begin(device);
    elimination.vetoes(silent, vetoes);
    time.end(device);
    device.synchronize();
  }

  @Benchmark
  public void scatter(DeviceTime time) {
    time.begin(device);
    propagation.forward(silent, counts);
    time.end(device);
    device.synchronize();
  }
}
