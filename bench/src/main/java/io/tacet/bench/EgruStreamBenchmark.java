package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruStream;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.WeightLaw;
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
 * One step of a layer of {@code units} units with as many inputs, {@code batch} samples, where
 * {@code activity} of the inputs and of the units have an event, and {@code density} of the
 * synapses are there, input and recurrent ones, shared by the gates.
 *
 * <p>Floor: the rows of what is active, U = 2 units (1 - (1 - activity)^batch) of them, over the
 * bandwidth of wherever the weights are, and 12 activity density units^2 batch flops over the FMA
 * rate. A row has 12 bytes a synapse, and 2 for the target where they are not all there: 24 units^2
 * bytes of weights at density 1 (25 MB at 1024), 28 density units^2 below.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class EgruStreamBenchmark {
  /** Different steps, so that the active rows vary. */
  static final int STEPS = 32;

  private static final double TOLERANCE = 1e-5;

  @Param("1024")
  int units;

  @Param("1")
  int batch;

  @Param("0.1")
  double activity;

  /** Of synapses; at 1 weights are dense. */
  @Param("1")
  double density = 1;

  /** Threads of the java backend. */
  @Param({"1", "2"})
  int threads;

  private Resources open;
  private EgruStream stream;

  /** Weights that each input and then each unit sends, to the columns beside them. */
  private float[][] rows;

  /** Null where weights are dense. */
  private int[][] columns;

  private final float[][] x = new float[STEPS][];
  private final float[][] y = new float[STEPS][];
  private float[] h;
  private float[] outputs;
  private float[] states;
  private float[] fromInputs;
  private float[] fromUnits;
  private int step;

  /** See the class. */
  static Floor floor(Timing m) {
    double units = m.number("units");
    double batch = m.number("batch");
    double activity = m.number("activity");
    // Results from before there were sparse weights do not say so.
    double density = m.has("density") ? m.number("density") : 1;
    double row = density * (density < 1 ? 14 : 12) * units;
    return Floor.flops(12 * activity * density * units * units * batch)
        .rows(2 * Floor.activeRows(units, activity, batch) * row, row, 2 * units * row);
  }

  @Setup(Level.Trial)
  public void make() {
    open = new Resources();
    Backend backend = open.own(Machine.open("java", threads));
    SplittableRandom random = new SplittableRandom(1);
    DeviceArray bias = open.own(backend.allocate(DType.FLOAT32, 3L * units));
    DeviceArray thresholds = open.own(backend.allocate(DType.FLOAT32, units));
    rows = new float[2 * units][];
    columns = density < 1 ? new int[2 * units][] : null;
    if (density < 1) {
      makeSparse(backend, random, bias, thresholds);
    } else {
      makeDense(backend, random, bias, thresholds);
    }
    for (int s = 0; s < STEPS; s++) {
      x[s] = events(random);
      y[s] = events(random);
    }
    h = new float[batch * units];
    outputs = new float[batch * units];
    states = new float[batch * units];
    fromInputs = new float[3 * units];
    fromUnits = new float[3 * units];
    compare();
  }

  private void makeDense(
      Backend backend, SplittableRandom random, DeviceArray bias, DeviceArray thresholds) {
    DeviceArray w = open.own(random(backend, random, units, 3L * units));
    DeviceArray r = open.own(random(backend, random, units, 3L * units));
    EgruLayer layer = new EgruLayer(r, bias, bias, thresholds, EgruOptions.defaults());
    stream = open.own(EgruStream.of(layer, w, batch));
    float[] flatW = w.toFloats();
    float[] flatR = r.toFloats();
    for (int i = 0; i < units; i++) {
      rows[i] = Arrays.copyOfRange(flatW, 3 * units * i, 3 * units * (i + 1));
      rows[units + i] = Arrays.copyOfRange(flatR, 3 * units * i, 3 * units * (i + 1));
    }
  }

  /** The same pattern for inputs as for units. */
  private void makeSparse(
      Backend backend, SplittableRandom random, DeviceArray bias, DeviceArray thresholds) {
    SparsePattern pattern =
        SparsePattern.of(
            open.own(
                CsrSynapses.random(
                    backend, DType.FLOAT32, units, units, density, WeightLaw.uniform(0, 1), 1)));
    int[] offsets = pattern.rowOffsets().toInts();
    int[] targets = pattern.indices().toInts();
    int count = targets.length;
    DeviceArray r = open.own(random(backend, random, count, 3));
    EgruLayer layer = new EgruLayer(r, pattern, bias, bias, thresholds, EgruOptions.defaults());
    int[] wide = new int[3 * count];
    int[] wideOffsets = Arrays.stream(offsets).map(at -> 3 * at).toArray();
    float[] flatR = r.toFloats();
    DeviceArray w = open.own(random(backend, random, 3L * count));
    float[] flatW = w.toFloats();
    for (int i = 0; i < units; i++) {
      int width = offsets[i + 1] - offsets[i];
      int[] own = new int[3 * width];
      float[] recurrent = new float[3 * width];
      for (int k = 0; k < 3 * width; k++) {
        own[k] = k / width * units + targets[offsets[i] + k % width];
        recurrent[k] = flatR[3 * (offsets[i] + k % width) + k / width];
      }
      System.arraycopy(own, 0, wide, 3 * offsets[i], 3 * width);
      columns[i] = own;
      columns[units + i] = own;
      rows[i] = Arrays.copyOfRange(flatW, 3 * offsets[i], 3 * offsets[i + 1]);
      rows[units + i] = recurrent;
    }
    CsrSynapses input =
        new CsrSynapses(
            units,
            3 * units,
            open.own(backend.of(wideOffsets)),
            open.own(backend.of(wide)),
            w,
            null);
    stream = open.own(EgruStream.of(layer, input, batch));
  }

  /** Fails if the step and the plain loop differ. */
  private void compare() {
    for (int k = 0; k < h.length; k++) {
      h[k] = (k % 7 - 3) / 8f;
    }
    step();
    float[] events = outputs.clone();
    float[] after = states.clone();
    step = (step + STEPS - 1) % STEPS;
    plainLoop();
    Agreement.close("events", Agreement.doubles(events), Agreement.doubles(outputs), TOLERANCE);
    Agreement.close("states", Agreement.doubles(after), Agreement.doubles(states), TOLERANCE);
  }

  private static DeviceArray random(Backend backend, SplittableRandom random, long... shape) {
    DeviceArray array = backend.allocate(DType.FLOAT32, shape);
    float[] values = new float[(int) array.length()];
    for (int k = 0; k < values.length; k++) {
      values[k] = 0.05f * (float) random.nextGaussian();
    }
    return array.copyFrom(values);
  }

  /** Exactly the requested activity, at random positions in each sample. */
  private float[] events(SplittableRandom random) {
    float[] values = new float[batch * units];
    int count = (int) Math.round(activity * units);
    for (int n = 0; n < batch; n++) {
      for (int k = 0; k < units; k++) {
        boolean taken = random.nextInt(units - k) < count;
        values[n * units + k] = taken ? 0.5f + (float) random.nextDouble() : 0;
        count -= taken ? 1 : 0;
      }
      count = (int) Math.round(activity * units);
    }
    return values;
  }

  @TearDown(Level.Trial)
  public void close() {
    open.close();
  }

  private int next() {
    step = (step + 1) % STEPS;
    return step;
  }

  /** The layer's step, from a state of the requested activity. */
  @Benchmark
  public float[] step() {
    int s = next();
    System.arraycopy(y[s], 0, outputs, 0, outputs.length);
    System.arraycopy(h, 0, states, 0, states.length);
    stream.step(x[s], outputs, states);
    return outputs;
  }

  /** The same step as a straightforward loop, with Math.exp and Math.tanh, on one thread. */
  @Benchmark
  public float[] plainLoop() {
    int s = next();
    System.arraycopy(y[s], 0, outputs, 0, outputs.length);
    System.arraycopy(h, 0, states, 0, states.length);
    for (int n = 0; n < batch; n++) {
      Arrays.fill(fromInputs, 0);
      Arrays.fill(fromUnits, 0);
      for (int i = 0; i < units; i++) {
        add(x[s][n * units + i], i, fromInputs);
      }
      for (int i = 0; i < units; i++) {
        add(outputs[n * units + i], units + i, fromUnits);
      }
      gates(n);
    }
    return outputs;
  }

  private void add(float value, int source, float[] sums) {
    if (value == 0) {
      return;
    }
    float[] row = rows[source];
    if (columns == null) {
      for (int m = 0; m < row.length; m++) {
        sums[m] += value * row[m];
      }
      return;
    }
    int[] targets = columns[source];
    for (int k = 0; k < row.length; k++) {
      sums[targets[k]] += value * row[k];
    }
  }

  /** Without biases and with thresholds of 0, as {@link #make} has them. */
  private void gates(int n) {
    for (int m = 0; m < units; m++) {
      double z = sigmoid(fromInputs[m] + fromUnits[m]);
      double r = sigmoid(fromInputs[units + m] + fromUnits[units + m]);
      double g = Math.tanh(fromInputs[2 * units + m] + r * fromUnits[2 * units + m]);
      float cell = (float) (z * states[n * units + m] + (1 - z) * g);
      outputs[n * units + m] = cell > 0 ? cell : 0;
      states[n * units + m] = cell;
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
