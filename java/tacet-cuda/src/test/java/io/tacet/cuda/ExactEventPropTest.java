package io.tacet.cuda;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.cuda.RandomRows.Layout;
import io.tacet.eventprop.ExactEventProp;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.Delays.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The exact simulator against the java backend in float64: the same spikes, and the same gradients
 * on the same spikes.
 */
@Tag("native")
class ExactEventPropTest {
  private static final double TIME = 2e-3;
  private static final double GRADIENT = 5e-4;
  private static JavaBackend java;

  @BeforeAll
  static void open() {
    java = new JavaBackend(2);
  }

  @AfterAll
  static void close() {
    java.close();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  private static RandomLayer.Shape feedForward(boolean perNeuron, Layout layout, Kind delays) {
    return new RandomLayer.Shape(6, 9, 3, 20, perNeuron, layout, delays, null, null);
  }

  private static RandomLayer.Shape recurrent(Layout in, Kind inDelays, Layout rec, Kind recDelays) {
    return new RandomLayer.Shape(5, 8, 3, 12, true, in, inDelays, rec, recDelays);
  }

  static Stream<Arguments> everyBackendAndShape() {
    List<Named<RandomLayer.Shape>> shapes = new ArrayList<>();
    for (Layout layout : Layout.values()) {
      shapes.add(Named.of("feed-forward " + layout, feedForward(false, layout, null)));
      shapes.add(
          Named.of(
              "feed-forward with source delays " + layout,
              feedForward(true, layout, Kind.PER_SOURCE)));
      shapes.add(
          Named.of(
              "feed-forward with synaptic delays " + layout,
              feedForward(false, layout, Kind.PER_SYNAPSE)));
    }
    shapes.add(
        Named.of(
            "several tiles",
            new RandomLayer.Shape(9, 70, 2, 40, false, Layout.NARROW, null, null, null)));
    shapes.add(Named.of("recurrent", recurrent(Layout.DENSE, null, Layout.DENSE, null)));
    shapes.add(
        Named.of(
            "recurrent with synaptic delays",
            recurrent(Layout.CSR, Kind.PER_SYNAPSE, Layout.CSR, Kind.PER_SYNAPSE)));
    shapes.add(
        Named.of(
            "recurrent with source delays",
            recurrent(Layout.DENSE, Kind.PER_SOURCE, Layout.NARROW, Kind.PER_SOURCE)));
    shapes.add(
        Named.of(
            "recurrent with mixed delays",
            recurrent(Layout.NARROW, Kind.PER_SOURCE, Layout.DENSE, Kind.PER_SYNAPSE)));
    return backends().stream().flatMap(b -> shapes.stream().map(shape -> Arguments.of(b, shape)));
  }

  @ParameterizedTest
  @MethodSource("everyBackendAndShape")
  void spikesAndGradientsAreThoseOfTheReference(
      Supplier<NativeBackend> open, RandomLayer.Shape shape) {
    try (NativeBackend backend = open.get()) {
      int compared = 0;
      for (long seed = 1; compared < 2 && seed < 40; seed++) {
        RandomLayer layer = new RandomLayer(shape, seed);
        if (measurable(layer)) {
          compare(backend, layer, false);
          compare(backend, layer, true);
          compared++;
        }
      }
      assertThat(compared).isEqualTo(2);
    }
  }

  /** Whether rounding cannot add or remove a spike, and gradients are not huge. */
  private static boolean measurable(RandomLayer layer) {
    try (Resources own = new Resources()) {
      RandomLayer.Placed placed = layer.on(java, DType.FLOAT64, own);
      Spikes spikes = own.own(forward(java, DType.FLOAT64, placed));
      return spikes.smallestSlope() > 0.1
          && spikes.largestCount() > 5
          && Arrays.stream(spikes.grazes().toInts()).sum() == 0;
    }
  }

  private static Spikes forward(Backend backend, DType type, RandomLayer.Placed placed) {
    int batch = placed.input().batch();
    return ExactEventProp.forwardGrowing(
        placed.layer(), placed.input(), Spikes.outputs(backend, type, batch, 4));
  }

  private static void compare(Backend backend, RandomLayer layer, boolean states) {
    try (Resources own = new Resources()) {
      RandomLayer.Placed oracle = layer.on(java, DType.FLOAT64, own);
      RandomLayer.Placed placed = layer.on(backend, DType.FLOAT32, own);
      Spikes expected = own.own(forward(java, DType.FLOAT64, oracle));
      Spikes actual = own.own(forward(backend, DType.FLOAT32, placed));
      sameSpikes(actual, expected);
      sameGradients(placed, actual, oracle, states);
    }
  }

  private static void sameGradients(
      RandomLayer.Placed placed, Spikes actual, RandomLayer.Placed oracle, boolean states) {
    try (Resources own = new Resources()) {
      // The reference goes back through the very spikes of the backend under test.
      Spikes frozen = own.own(copy(actual));
      setErrors(actual);
      setErrors(frozen);
      LayerGradients gradients = RandomLayer.gradients(placed.layer(), states, own);
      LayerGradients wanted = RandomLayer.gradients(oracle.layer(), states, own);
      ExactEventProp.backward(placed.layer(), placed.input(), actual, gradients, placed.kick());
      ExactEventProp.backward(oracle.layer(), oracle.input(), frozen, wanted, oracle.kick());
      sameValues(
          "input errors", placed.input().errors().toDoubles(), oracle.input().errors().toDoubles());
      for (int g = 0; g < wanted.arrays().size(); g++) {
        sameValues(
            "gradient " + g,
            gradients.arrays().get(g).toDoubles(),
            wanted.arrays().get(g).toDoubles());
      }
    }
  }

  private static Spikes copy(Spikes from) {
    Spikes to = Spikes.outputs(java, DType.FLOAT64, from.batch(), from.capacity());
    to.counts().copyFrom(from.counts().toInts());
    to.times().copyFrom(from.times().toDoubles());
    to.units().copyFrom(from.units().toInts());
    to.slopes().copyFrom(from.slopes().toDoubles());
    return to;
  }

  private static void setErrors(Spikes spikes) {
    int[] units = spikes.units().toInts();
    double[] errors = new double[units.length];
    for (int k = 0; k < errors.length; k++) {
      errors[k] = 0.4 + 0.3 * Math.sin(1 + 2 * units[k] + k % spikes.capacity());
    }
    spikes.errors().copyFrom(errors);
  }

  private static void sameSpikes(Spikes actual, Spikes expected) {
    int[] counts = expected.counts().toInts();
    assertThat(actual.counts().toInts()).isEqualTo(counts);
    double[] times = actual.times().toDoubles();
    double[] slopes = actual.slopes().toDoubles();
    int[] units = actual.units().toInts();
    double[] expectedTimes = expected.times().toDoubles();
    double[] expectedSlopes = expected.slopes().toDoubles();
    int[] expectedUnits = expected.units().toInts();
    for (int b = 0; b < counts.length; b++) {
      int at = b * actual.capacity();
      int from = b * expected.capacity();
      int end = at + counts[b];
      int to = from + counts[b];
      String of = " of sample " + b;
      assertClose(
          "times" + of,
          Arrays.copyOfRange(times, at, end),
          Arrays.copyOfRange(expectedTimes, from, to),
          TIME);
      assertClose(
          "slopes" + of,
          Arrays.copyOfRange(slopes, at, end),
          Arrays.copyOfRange(expectedSlopes, from, to),
          TIME);
      assertThat(Arrays.copyOfRange(units, at, end))
          .as("neurons%s", of)
          .isEqualTo(Arrays.copyOfRange(expectedUnits, from, to));
    }
  }

  private static void sameValues(String what, double[] actual, double[] expected) {
    double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    assertClose(what, actual, expected, GRADIENT * scale + 1e-7);
  }

  /** Its state does not fit shared memory. */
  @ParameterizedTest
  @MethodSource("backends")
  void aWideRecurrentLayerGivesTheSameAsTheReference(Supplier<NativeBackend> open) {
    RandomLayer layer =
        new RandomLayer(
            new RandomLayer.Shape(
                5, 1100, 1, 12, false, Layout.DENSE, null, Layout.NARROW, Kind.PER_SYNAPSE),
            5);
    sameCounts(open, layer, 100);
  }

  /** Its spikes are sorted in global memory. */
  @ParameterizedTest
  @MethodSource("backends")
  void aLongTapeIsInOrder(Supplier<NativeBackend> open) {
    RandomLayer.Shape shape =
        new RandomLayer.Shape(4, 2400, 1, 40, false, Layout.DENSE, null, null, null);
    sameCounts(open, new RandomLayer(shape, 5), 2049);
  }

  /** Spikes in a volley, so that each neuron has more of them ahead than the first pass keeps. */
  @ParameterizedTest
  @MethodSource("backends")
  void arrivalsThatANeuronCannotHoldAreKeptByRepeatingThePass(Supplier<NativeBackend> open) {
    RandomLayer layer =
        new RandomLayer(
            new RandomLayer.Shape(
                2, 90, 1, 3, false, Layout.DENSE, null, Layout.DENSE, Kind.PER_SYNAPSE),
            6);
    layer.duration = 40;
    sameCounts(open, layer, 80);
  }

  private static void sameCounts(Supplier<NativeBackend> open, RandomLayer layer, int atLeast) {
    try (NativeBackend backend = open.get();
        Resources own = new Resources()) {
      RandomLayer.Placed oracle = layer.on(java, DType.FLOAT64, own);
      RandomLayer.Placed placed = layer.on(backend, DType.FLOAT32, own);
      int expected = own.own(forward(java, DType.FLOAT64, oracle)).largestCount();
      Spikes spikes = own.own(forward(backend, DType.FLOAT32, placed));
      int found = spikes.largestCount();
      // A neuron may graze its threshold among so many.
      assertThat(found).isCloseTo(expected, within(expected / 100)).isGreaterThan(atLeast);
      assertThat(Arrays.copyOf(spikes.times().toDoubles(), found)).isSorted();
      sameGradients(placed, spikes, oracle, true);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aSecondRunIsTheSameBitForBit(Supplier<NativeBackend> open) {
    RandomLayer.Shape shape =
        recurrent(Layout.CSR, Kind.PER_SYNAPSE, Layout.DENSE, Kind.PER_SYNAPSE);
    try (NativeBackend backend = open.get()) {
      for (RandomLayer.Shape s : List.of(shape, feedForward(true, Layout.DENSE, null))) {
        RandomLayer layer = new RandomLayer(s, 3);
        assertThat(everything(backend, layer))
            .usingRecursiveComparison()
            .isEqualTo(everything(backend, layer));
      }
    }
  }

  private static List<float[]> everything(Backend backend, RandomLayer layer) {
    try (Resources own = new Resources()) {
      RandomLayer.Placed placed = layer.on(backend, DType.FLOAT32, own);
      Spikes spikes = own.own(forward(backend, DType.FLOAT32, placed));
      setErrors(spikes);
      LayerGradients gradients = RandomLayer.gradients(placed.layer(), true, own);
      ExactEventProp.backward(placed.layer(), placed.input(), spikes, gradients, null);
      List<float[]> all = new ArrayList<>();
      all.add(spikes.times().toFloats());
      all.add(placed.input().errors().toFloats());
      for (DeviceArray gradient : gradients.arrays()) {
        all.add(gradient.toFloats());
      }
      return all;
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aWorkspaceForOneSampleGivesTheSameAsOneForAll(Supplier<NativeBackend> open) {
    RandomLayer layer =
        new RandomLayer(recurrent(Layout.CSR, Kind.PER_SYNAPSE, Layout.CSR, Kind.PER_SYNAPSE), 4);
    List<float[]> whole;
    try (NativeBackend backend = open.get()) {
      whole = everything(backend, layer);
    }
    System.setProperty("tacet.workspace", "1");
    try (NativeBackend backend = open.get()) {
      List<float[]> parts = everything(backend, layer);
      assertThat(parts.get(0)).isEqualTo(whole.get(0));
      for (int k = 1; k < parts.size(); k++) {
        assertClose(parts.get(k), whole.get(k), 1e-4f);
      }
    } finally {
      System.clearProperty("tacet.workspace");
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatCannotBeSimulatedIsAnErrorThatSaysWhy(Supplier<NativeBackend> open) {
    for (RandomLayer.Shape shape :
        List.of(
            feedForward(false, Layout.DENSE, null),
            recurrent(Layout.DENSE, null, Layout.CSR, null))) {
      try (NativeBackend backend = open.get()) {
        RandomLayer layer = new RandomLayer(shape, 1);
        layer.input.setWeight(3, Double.NaN);
        for (int s = 0; s < shape.inputs(); s++) {
          layer.input.setWeight(s * shape.neurons(), Double.NaN);
        }
        fails(backend, layer, p -> {}, ArithmeticException.class, "not a finite number");
        RandomLayer good = new RandomLayer(shape, 1);
        fails(
            backend,
            good,
            p -> fill(p.layer().lif().reset(), 2),
            IllegalArgumentException.class,
            "reset < threshold");
        fails(
            backend,
            good,
            p -> fill(p.layer().lif().tauSyn(), 0),
            IllegalArgumentException.class,
            "positive time constants");
        int[] units = new int[shape.batch() * shape.events()];
        Arrays.fill(units, shape.inputs());
        fails(
            backend,
            good,
            p -> p.input().units().copyFrom(units),
            IllegalArgumentException.class,
            "number of sources");
      }
    }
  }

  private static void fill(DeviceArray array, double value) {
    double[] values = new double[(int) array.length()];
    Arrays.fill(values, value);
    array.copyFrom(values);
  }

  private static void fails(
      Backend backend,
      RandomLayer layer,
      Consumer<RandomLayer.Placed> spoil,
      Class<? extends Throwable> type,
      String message) {
    try (Resources own = new Resources()) {
      RandomLayer.Placed placed = layer.on(backend, DType.FLOAT32, own);
      spoil.accept(placed);
      Spikes output = own.own(Spikes.outputs(backend, DType.FLOAT32, placed.input().batch(), 64));
      ExactEventProp.forward(placed.layer(), placed.input(), output);
      assertThatThrownBy(() -> ExactEventProp.check(output))
          .isInstanceOf(type)
          .hasMessageContaining(message);
    }
  }
}
