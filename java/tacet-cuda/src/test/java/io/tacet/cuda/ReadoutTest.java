package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.cuda.RandomRows.Layout;
import io.tacet.eventprop.FirstSpikeLoss;
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
import java.util.function.Function;
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

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  private static void sameOnBoth(
      Supplier<NativeBackend> open, Function<Backend, List<double[]>> work) {
    try (JavaBackend java = new JavaBackend(1);
        NativeBackend backend = open.get()) {
      List<double[]> expected = work.apply(java);
      List<double[]> actual = work.apply(backend);
      for (int a = 0; a < expected.size(); a++) {
        assertThat(actual.get(a)).hasSameSizeAs(expected.get(a));
        for (int k = 0; k < expected.get(a).length; k++) {
          double e = expected.get(a)[k];
          assertThat(actual.get(a)[k])
              .as("array %d, element %d", a, k)
              .isCloseTo(e, within(1e-4 * Math.max(1, Math.abs(e))));
        }
      }
    }
  }

  private static DType type(Backend backend) {
    return backend.supports(DType.FLOAT64) ? DType.FLOAT64 : DType.FLOAT32;
  }

  private static DeviceArray array(Resources own, Backend backend, double... values) {
    return own.own(backend.allocate(type(backend), values.length).copyFrom(values));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void everyReductionAndItsGradientIsThatOfTheReference(Supplier<NativeBackend> open) {
    for (Reduction reduction : Reduction.values()) {
      for (Layout layout : Layout.values()) {
        for (int outputs : new int[] {4, 35}) {
          sameOnBoth(open, backend -> readout(backend, reduction, layout, outputs));
        }
      }
    }
  }

  private static List<double[]> readout(
      Backend backend, Reduction reduction, Layout layout, int outputs) {
    SplittableRandom random = new SplittableRandom(7);
    try (Resources own = new Resources()) {
      Synapses synapses =
          own.own(
              new RandomRows(random, INPUTS, outputs, layout, null, -0.5, 1)
                  .on(backend, type(backend)));
      double[][] times = new double[BATCH][];
      int[][] units = new int[BATCH][];
      for (int b = 0; b < BATCH; b++) {
        // Some events come after the end, and one sample has none.
        int events = b == 1 ? 0 : EVENTS - b;
        times[b] = random.doubles(events, 0, 60).map(t -> (float) t).sorted().toArray();
        units[b] = random.ints(events, 0, INPUTS).toArray();
      }
      Spikes input =
          own.own(Spikes.inputsWithErrors(backend, type(backend), BATCH, EVENTS).set(times, units));
      ReadoutLayer layer =
          new ReadoutLayer(
              synapses, array(own, backend, 20), array(own, backend, 5), 50, reduction);
      int[] label = {1, 0, 3};
      DeviceArray labels = own.own(backend.of(label));
      DeviceArray values = own.own(backend.allocate(type(backend), BATCH, outputs));
      DeviceArray moments = own.own(backend.allocate(type(backend), BATCH, outputs));
      DeviceArray errors = own.own(backend.allocate(type(backend), BATCH, outputs));
      DeviceArray losses = own.own(backend.allocate(type(backend), BATCH));
      DeviceArray predicted = own.own(backend.allocate(DType.INT32, BATCH));
      DeviceArray gradient = own.own(backend.allocate(type(backend), synapses.weights().length()));
      Readouts.forward(layer, input, values, moments);
      Losses.crossEntropy(values, labels, errors, losses, predicted);
      Readouts.backward(layer, input, errors, moments, gradient);
      List<double[]> all = new ArrayList<>();
      for (DeviceArray a : List.of(values, errors, losses, gradient, input.errors())) {
        all.add(a.toDoubles());
      }
      all.add(doubles(predicted));
      return all;
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
      sameOnBoth(open, backend -> firstSpikes(backend, new FirstSpikeLoss(0.5, 6.4, 3e-3, skip)));
    }
  }

  private static List<double[]> firstSpikes(Backend backend, FirstSpikeLoss loss) {
    try (Resources own = new Resources()) {
      // The label spikes second; twice and again; is silent; all are silent.
      double[][] times = {{3, 3.25, 4}, {1, 2, 2.5, 2.75}, {5}, {}};
      int[][] units = {{2, 0, 1}, {1, 0, 1, 2}, {1}, {}};
      Spikes output = own.own(Spikes.outputs(backend, type(backend), 4, 5).set(times, units));
      DeviceArray labels = own.own(backend.of(new int[] {0, 1, 2, 1}));
      DeviceArray losses = own.own(backend.allocate(type(backend), 4));
      DeviceArray predicted = own.own(backend.allocate(DType.INT32, 4));
      Losses.firstSpike(loss, output, labels, 3, 30, losses, predicted);
      return List.of(output.errors().toDoubles(), losses.toDoubles(), doubles(predicted));
    }
  }
}
