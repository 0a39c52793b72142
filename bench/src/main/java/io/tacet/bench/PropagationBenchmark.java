package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.BlockSparseSynapses;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.ProceduralSynapses;
import io.tacet.sparse.Synapses;
import io.tacet.sparse.WeightLaw;
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
 * One step of sparse event propagation, n units to n units, cycling through the events of {@value
 * #STEPS} random steps.
 *
 * <p>Floor, in bytes, with U = n (1 - (1 - activity)^batch) distinct active rows of f = density n
 * synapses: forward and transposed read U f (4 + index bytes) and 4 bytes per event, and move 8 n
 * batch of currents; the gradient moves 4 U f more for it is written too. Flops: 2 activity n batch
 * f. At n = 16384, density 0.01, activity 0.05, batch 1: 0.81 MB of rows with 16-bit indices and
 * 0.27 Mflop; the time floor is the larger of bytes over the bandwidth that {@link #readRows} finds
 * for rows of this length in random places (the weights, 16 MB, stay in a large last-level cache)
 * and flops over the FMA rate. {@link #plainLoop} is a straightforward loop, on one thread, with
 * 32-bit indices.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class PropagationBenchmark {
  static final int STEPS = 32;

  /** Rows that {@link #addRows} cycles through. */
  private static final int CACHED_ROWS = 8;

  private static final double TOLERANCE = 1e-5;

  /** Storage format of the connectivity. */
  public enum Format {
    DENSE,
    CSR,
    FIXED_FAN_OUT,
    BLOCKS_OF_32,
    PROCEDURAL
  }

  @Param("java")
  String backend;

  @Param("16384")
  int n;

  @Param("0.01")
  double density;

  @Param("0.05")
  double activity;

  @Param("CSR")
  Format format;

  @Param("1")
  int batch;

  /** Threads of the java and host backends. */
  @Param({"1", "2"})
  int threads;

  private Resources open;
  private Backend device;
  private EventPropagation propagation;
  private final Events[] events = new Events[STEPS];
  private DeviceArray currents;
  private DeviceArray sums;
  private DeviceArray gradient;
  private int step;

  // What plainLoop and readRows work on.
  private int[] offsets;
  private int[] indices;
  private short[] narrow;
  private float[] weights;
  private final int[][] active = new int[STEPS][];
  private float[] plainCurrents;

  /** See the class; the same for a plain loop and for other libraries that do this. */
  static Floor floor(Timing m) {
    double n = m.number("n");
    double batch = m.number("batch");
    double activity = m.number("activity");
    double fanOut = n * m.number("density");
    Format format = m.has("format") ? Format.valueOf(m.text("format")) : Format.CSR;
    double index = n <= 1 << 16 ? 2 : 4;
    double rowBytes = 4 * fanOut;
    switch (format) {
      case DENSE -> {
        fanOut = n;
        index = 0;
        rowBytes = 4 * n;
      }
      case BLOCKS_OF_32 -> {
        index = 0;
        rowBytes = 4 * 32;
      }
      default -> {}
    }
    double events = activity * n * batch;
    Floor floor =
        m.method().equals("readRows")
            ? Floor.flops(0).stream(4 * events, 4 * events)
            : Floor.flops(2 * events * fanOut).stream(4 * events, 4 * events).stream(
                8 * n * batch, 4 * n * batch);
    if (format == Format.PROCEDURAL) {
      return floor;
    }
    double each = index + (m.method().equals("weightGradient") ? 8 : 4);
    double rows = m.method().equals("addRows") ? CACHED_ROWS : Floor.activeRows(n, activity, batch);
    return floor.rows(rows * fanOut * each, rowBytes, n * fanOut * (4 + index));
  }

  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    device = open.own(Machine.open(backend, threads));
    Synapses synapses = open.own(synapses());
    propagation = open.own(EventPropagation.of(synapses, batch));
    currents = open.own(device.allocate(DType.FLOAT32, batch, n));
    sums = open.own(device.allocate(DType.FLOAT32, batch, n));
    if (format != Format.PROCEDURAL) {
      gradient = open.own(device.allocate(DType.FLOAT32, synapses.count()));
    }
    SplittableRandom random = new SplittableRandom(1);
    float[] noise = new float[batch * n];
    try (DeviceArray dense = device.allocate(DType.FLOAT32, batch, n)) {
      for (int s = 0; s < STEPS; s++) {
        for (int k = 0; k < noise.length; k++) {
          noise[k] = random.nextDouble() < activity ? 1 : 0;
        }
        events[s] = open.own(Events.binary(device, batch, n)).compact(dense.copyFrom(noise));
        active[s] =
            java.util.stream.IntStream.range(0, n * batch)
                .filter(k -> noise[k] != 0)
                .map(k -> k % n)
                .toArray();
      }
    }
    for (int k = 0; k < noise.length; k++) {
      noise[k] = (float) random.nextGaussian();
    }
    currents.copyFrom(noise);
    if (synapses instanceof CsrSynapses csr) {
      offsets = csr.rowOffsets().toInts();
      weights = csr.weights().toFloats();
      narrow = csr.indices().toShorts();
      indices = new int[narrow.length];
      for (int s = 0; s < narrow.length; s++) {
        indices[s] = Short.toUnsignedInt(narrow[s]);
      }
      plainCurrents = new float[n];
    }
    compare(synapses);
  }

  /** Fails if the operations differ from loops over every synapse. */
  private void compare(Synapses synapses) {
    PlainPropagation plain = new PlainPropagation(synapses);
    float[] adjoint = currents.toFloats();
    try (DeviceArray found = device.allocate(DType.FLOAT32, batch, n)) {
      propagation.forward(events[0], found);
      Agreement.close("currents", found.toDoubles(), plain.forward(events[0]), TOLERANCE);
      found.zero();
      propagation.transposed(events[0], currents, found);
      double[] sums = plain.transposed(events[0], adjoint);
      Agreement.close("sums", found.toDoubles(), sums, TOLERANCE);
    }
    if (gradient != null) {
      propagation.weightGradient(events[0], currents, gradient);
      double[] expected = plain.weightGradient(events[0], adjoint);
      Agreement.close("weight gradient", gradient.toDoubles(), expected, TOLERANCE);
      gradient.zero();
    }
  }

  private Synapses synapses() {
    WeightLaw law = WeightLaw.normal(0, 1);
    int fanOut = (int) Math.round(density * n);
    return switch (format) {
      case DENSE -> {
        double[] w = new double[Math.multiplyExact(n, n)];
        SplittableRandom random = new SplittableRandom(3);
        for (int s = 0; s < w.length; s++) {
          w[s] = random.nextDouble() - 0.5;
        }
        yield DenseSynapses.of(device, DType.FLOAT32, n, n, w);
      }
      case CSR -> CsrSynapses.random(device, DType.FLOAT32, n, n, density, law, 1);
      case FIXED_FAN_OUT -> FixedFanOutSynapses.random(device, DType.FLOAT32, n, n, fanOut, law, 1);
      case BLOCKS_OF_32 ->
          BlockSparseSynapses.random(device, DType.FLOAT32, n, n, 32, density, law, 1);
      case PROCEDURAL -> new ProceduralSynapses(device, n, n, fanOut, law, 1);
    };
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  private Events next() {
    step = (step + 1) % STEPS;
    return events[step];
  }

  @Benchmark
  public void forward(DeviceTime time) {
    time.begin(device);
    propagation.forward(next(), currents);
    time.end(device);
    device.synchronize();
  }

  @Benchmark
  public void transposed(DeviceTime time) {
    time.begin(device);
    propagation.transposed(next(), currents, sums);
    time.end(device);
    device.synchronize();
  }

  @Benchmark
  public void weightGradient(DeviceTime time) {
    if (gradient == null) {
      throw new IllegalStateException("Procedural synapses have no weights to train.");
    }
    time.begin(device);
    propagation.weightGradient(next(), currents, gradient);
    time.end(device);
    device.synchronize();
  }

  /** CSR only: the plain event loop. */
  @Benchmark
  public float[] plainLoop() {
    step = (step + 1) % STEPS;
    for (int source : active[step]) {
      int end = offsets[source + 1];
      for (int s = offsets[source]; s < end; s++) {
        plainCurrents[indices[s]] += weights[s];
      }
    }
    return plainCurrents;
  }

  /**
   * CSR only: reads every weight and index that forward reads, and nothing else: the ceiling of one
   * thread for just these rows.
   */
  @Benchmark
  public float readRows() {
    step = (step + 1) % STEPS;
    float sum = 0;
    for (int source : active[step]) {
      sum += readRow(weights, narrow, offsets[source], offsets[source + 1]);
    }
    return sum;
  }

  /**
   * CSR only: adds the synapses of as many events, but always of the same few rows, which stay in
   * the first-level cache: the time of the additions alone. Currents of 16384 units do not stay
   * there, so each addition moves its target through the second level.
   */
  @Benchmark
  public float[] addRows() {
    step = (step + 1) % STEPS;
    for (int event = 0; event < active[step].length; event++) {
      int row = event % CACHED_ROWS;
      add(weights, narrow, offsets[row], offsets[row + 1], plainCurrents);
    }
    return plainCurrents;
  }

  private static void add(float[] weights, short[] narrow, int begin, int end, float[] out) {
    for (int s = begin; s < end; s++) {
      out[narrow[s] & 0xffff] += weights[s];
    }
  }

  /** Independent sums: a single one would be bound by the latency of its additions. */
  private static float readRow(float[] weights, short[] narrow, int begin, int end) {
    float w0 = 0;
    float w1 = 0;
    float w2 = 0;
    float w3 = 0;
    int i0 = 0;
    int i1 = 0;
    int s = begin;
    for (; s < end - 3; s += 4) {
      w0 += weights[s];
      w1 += weights[s + 1];
      w2 += weights[s + 2];
      w3 += weights[s + 3];
      i0 += narrow[s] ^ narrow[s + 1];
      i1 += narrow[s + 2] ^ narrow[s + 3];
    }
    for (; s < end; s++) {
      w0 += weights[s];
      i0 += narrow[s];
    }
    return (w0 + w1) + (w2 + w3) + (i0 + i1);
  }
}
