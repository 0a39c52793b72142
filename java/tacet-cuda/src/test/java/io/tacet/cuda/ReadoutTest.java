package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Close;
import io.tacet.cuda.RandomRows.Layout;
import io.tacet.eventprop.FirstSpikeLoss;
import io.tacet.eventprop.GridReadouts;
import io.tacet.eventprop.Losses;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Readouts;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.Synapses;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Read-outs and losses against the java backend in float64. */
@Tag("native")
class ReadoutTest {
  private static final int BATCH = 3;
  private static final int EVENTS = 25;
  private static final int INPUTS = 7;

  /** A step that makes no round number of steps. */
  private static final double DT = 0.37;

  private static final double EXACT = 0;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  /** What is done on a backend in a precision, for the arrays that it leaves. */
  @FunctionalInterface
  private interface Work {
    List<double[]> on(Backend backend, DType type);
  }

  private static void sameOnBoth(Supplier<NativeBackend> open, Work work) {
    try (JavaBackend java = new JavaBackend(1);
        NativeBackend backend = open.get()) {
      List<double[]> actual = work.on(backend, DType.FLOAT32);
      assertClose(actual, work.on(java, DType.FLOAT64), 1e-4);
      assertClose(actual, work.on(java, DType.FLOAT32), 2e-5);
    }
  }

  private static void assertClose(
      List<double[]> actual, List<double[]> expected, double tolerance) {
    for (int a = 0; a < expected.size(); a++) {
      double[] e = expected.get(a);
      Close.assertClose(
          "array " + a, actual.get(a), e, k -> tolerance * Math.max(1, Math.abs(e[k])));
    }
  }

  private static DeviceArray array(Resources own, Backend backend, DType type, double... values) {
    return own.own(backend.allocate(type, values.length).copyFrom(values));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void everyReductionAndItsGradientIsThatOfTheReference(Supplier<NativeBackend> open) {
    for (Reduction reduction : Reduction.values()) {
      for (Layout layout : Layout.values()) {
        for (int outputs : new int[] {4, 35}) {
          sameOnBoth(open, (b, type) -> new Case(layout, outputs, EXACT).run(b, type, reduction));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void everyReductionOnAGridIsThatOfTheReference(Supplier<NativeBackend> open) {
    for (Reduction reduction : Reduction.values()) {
      for (Layout layout : Layout.values()) {
        for (int outputs : new int[] {4, 35}) {
          sameOnBoth(open, (b, type) -> new Case(layout, outputs, DT).run(b, type, reduction));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void crossEntropyAtEveryStepIsThatOfTheReference(Supplier<NativeBackend> open) {
    for (Layout layout : Layout.values()) {
      for (int outputs : new int[] {4, 35}) {
        sameOnBoth(open, (b, type) -> new Case(layout, outputs, DT).run(b, type, null));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void readoutsOnAGridAreBitIdenticalWhateverTheWorkspace(Supplier<NativeBackend> open) {
    for (Reduction reduction : new Reduction[] {Reduction.MAX, Reduction.EXPONENTIAL, null}) {
      List<List<double[]>> runs = new ArrayList<>();
      for (String bytes : new String[] {"536870912", "536870912", "1"}) {
        System.setProperty("tacet.workspace", bytes);
        try (NativeBackend backend = open.get()) {
          runs.add(new Case(Layout.CSR, 35, DT).run(backend, DType.FLOAT32, reduction));
        } finally {
          System.clearProperty("tacet.workspace");
        }
      }
      assertThat(runs.get(1)).usingRecursiveComparison().isEqualTo(runs.get(0));
      assertClose(runs.get(2), runs.get(0), 1e-6);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void anEventOfNoSourceIsRefused(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get()) {
      for (double dt : new double[] {0, DT}) {
        Case c = new Case(Layout.DENSE, 5, dt);
        c.units[2][4] = INPUTS;
        assertThatThrownBy(() -> c.run(backend, DType.FLOAT32, Reduction.SUM))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContainingAll("Sample 2, input event 4", "got " + INPUTS);
      }
      Case c = new Case(Layout.DENSE, 5, DT);
      c.units[2][4] = -1;
      assertThatThrownBy(() -> c.run(backend, DType.FLOAT32, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("Sample 2, input event 4", "got -1");
    }
  }

  /** A read-out layer with random synapses and events. */
  private static final class Case {
    private final int outputs;
    private final double dt;
    private final RandomRows rows;
    private final double[][] times = new double[BATCH][];
    final int[][] units = new int[BATCH][];

    Case(Layout layout, int outputs, double dt) {
      this.outputs = outputs;
      this.dt = dt;
      SplittableRandom random = new SplittableRandom(7);
      rows = new RandomRows(random, INPUTS, outputs, layout, null, -0.5, 1);
      for (int b = 0; b < BATCH; b++) {
        // Some events come after the end, and one sample has none.
        int events = b == 1 ? 0 : EVENTS - b;
        times[b] = random.doubles(events, 0, 60).map(t -> (float) t).sorted().toArray();
        units[b] = random.ints(events, 0, INPUTS).toArray();
      }
      // On the grid the last step is at 49.95: V still rises, one event comes there and one later.
      times[2] = new double[] {3, 3.1, 48, 50.05f, 50.2f};
      units[2] = new int[] {0, 1, 2, 3, 4};
    }

    /**
     * Everything that the passes write.
     *
     * @param reduction or null for the cross-entropy at every step
     */
    List<double[]> run(Backend backend, DType type, Reduction reduction) {
      try (Resources own = new Resources()) {
        Synapses synapses = own.own(rows.on(backend, type));
        Spikes input =
            own.own(Spikes.inputsWithErrors(backend, type, BATCH, EVENTS).set(times, units));
        ReadoutLayer layer =
            new ReadoutLayer(
                synapses,
                array(own, backend, type, 20),
                array(own, backend, type, 5),
                50,
                reduction == null ? Reduction.MEAN : reduction);
        int[] label = {1, 0, 3};
        DeviceArray labels = own.own(backend.of(label));
        DeviceArray values = own.own(backend.allocate(type, BATCH, outputs));
        DeviceArray peakTimes = own.own(backend.allocate(type, BATCH, outputs));
        DeviceArray errors = own.own(backend.allocate(type, BATCH, outputs));
        DeviceArray losses = own.own(backend.allocate(type, BATCH));
        DeviceArray predicted = own.own(backend.allocate(DType.INT32, BATCH));
        DeviceArray gradient = own.own(backend.allocate(type, synapses.weights().length()));
        List<DeviceArray> written = List.of(losses, gradient, input.errors());
        if (reduction == null) {
          GridReadouts.crossEntropyOverTime(layer, dt, input, labels, losses, predicted, gradient);
        } else {
          forward(layer, input, values, peakTimes);
          Losses.crossEntropy(values, labels, errors, losses, predicted);
          backward(layer, input, errors, peakTimes, gradient);
          written = List.of(values, peakTimes, errors, losses, gradient, input.errors());
        }
        List<double[]> all = new ArrayList<>();
        for (DeviceArray a : written) {
          all.add(a.toDoubles());
        }
        all.add(doubles(predicted));
        return all;
      }
    }

    private void forward(
        ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray peakTimes) {
      if (dt == EXACT) {
        Readouts.forward(layer, input, values, peakTimes);
      } else {
        GridReadouts.forward(layer, dt, input, values, peakTimes);
      }
    }

    private void backward(
        ReadoutLayer layer,
        Spikes input,
        DeviceArray errors,
        DeviceArray peakTimes,
        DeviceArray gradient) {
      if (dt == EXACT) {
        Readouts.backward(layer, input, errors, peakTimes, gradient);
      } else {
        GridReadouts.backward(layer, dt, input, errors, peakTimes, gradient);
      }
    }
  }

  private static double[] doubles(DeviceArray integers) {
    double[] values = new double[(int) integers.length()];
    int[] from = integers.toInts();
    for (int k = 0; k < values.length; k++) {
      values[k] = from[k];
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void firstSpikeLossesAndErrorsAreThoseOfTheReference(Supplier<NativeBackend> open) {
    for (boolean skip : new boolean[] {false, true}) {
      sameOnBoth(open, (b, type) -> firstSpikes(b, type, new FirstSpikeLoss(0.5, 6.4, 3e-3, skip)));
    }
  }

  private static List<double[]> firstSpikes(Backend backend, DType type, FirstSpikeLoss loss) {
    try (Resources own = new Resources()) {
      // The label spikes second; twice and again; is silent; all are silent.
      double[][] times = {{3, 3.25, 4}, {1, 2, 2.5, 2.75}, {5}, {}};
      int[][] units = {{2, 0, 1}, {1, 0, 1, 2}, {1}, {}};
      Spikes output = own.own(Spikes.outputs(backend, type, 4, 5).set(times, units));
      DeviceArray labels = own.own(backend.of(new int[] {0, 1, 2, 1}));
      DeviceArray losses = own.own(backend.allocate(type, 4));
      DeviceArray predicted = own.own(backend.allocate(DType.INT32, 4));
      Losses.firstSpike(loss, output, labels, 3, 30, losses, predicted);
      return List.of(output.errors().toDoubles(), losses.toDoubles(), doubles(predicted));
    }
  }
}
