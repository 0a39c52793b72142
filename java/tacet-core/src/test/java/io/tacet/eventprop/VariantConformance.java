package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.Synapses;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What exact EventProp of neurons of a variant must do on every backend: the cases of variants.txt,
 * which variants.py computes in 70 digits apart from the library, and the spikes and gradients of
 * the java backend in double precision.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class VariantConformance {
  /** What the neurons of a case have; the names are those of the file. */
  enum Kind {
    LIF,
    REFRACTORY,
    NON_LEAKY,
    SOFT_RESET,
    ADAPTIVE_THRESHOLD,
    ADAPTATION_CURRENT,
    INHIBITORY_SYNAPSE,
    ALL,
    ALPHA_SYNAPSE,
    /** All with alpha synapses. */
    ALL_ALPHA;

    private boolean has(Kind feature) {
      return this == feature || ((this == ALL || this == ALL_ALPHA) && feature != NON_LEAKY);
    }

    private boolean isAlpha() {
      return this == ALPHA_SYNAPSE || this == ALL_ALPHA;
    }

    String key() {
      return toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** A layer of the comparison with the reference. */
  enum Shape {
    FEED_FORWARD,
    RECURRENT,
    WIDE
  }

  private static final double[] LIF_VALUES = {20, 5, 1, -0.25, 0.125};
  private static final double[] VARIANT_VALUES = {2.5, 9, 30, 0.375, 40, 0.5};

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  Stream<Arguments> gold() {
    return backends().flatMap(b -> Arrays.stream(Kind.values()).map(k -> Arguments.of(b, k)));
  }

  Stream<Arguments> compared() {
    return gold()
        .flatMap(
            a -> Arrays.stream(Shape.values()).map(s -> Arguments.of(a.get()[0], a.get()[1], s)));
  }

  private static void set(Net net, Kind kind, double[][] lif, double[][] variant) {
    net.tauMem = lif[0];
    net.tauSyn = lif[1];
    net.threshold = lif[2];
    net.reset = kind.has(Kind.SOFT_RESET) ? null : lif[3];
    net.bias = lif[4];
    net.leaky = kind != Kind.NON_LEAKY;
    net.alphaSynapses = kind.isAlpha();
    Kind[] needed = {
      Kind.REFRACTORY,
      Kind.INHIBITORY_SYNAPSE,
      Kind.ADAPTIVE_THRESHOLD,
      Kind.ADAPTIVE_THRESHOLD,
      Kind.ADAPTATION_CURRENT,
      Kind.ADAPTATION_CURRENT
    };
    net.variant = new double[6][];
    for (int i = 0; i < needed.length; i++) {
      net.variant[i] = kind.has(needed[i]) ? variant[i] : null;
    }
  }

  private static Map<String, Double> expected(Kind kind) throws IOException {
    Map<String, Double> all = new LinkedHashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                VariantConformance.class.getResourceAsStream("/io/tacet/eventprop/variants.txt"),
                StandardCharsets.UTF_8))) {
      lines
          .lines()
          .map(line -> line.split(" "))
          .filter(words -> words[0].equals(kind.key()))
          .forEach(words -> all.put(words[1], Double.valueOf(words[2])));
    }
    return all;
  }

  private static Net goldNet(Kind kind) {
    Net net = new Net(1, 2);
    net.duration = 60;
    net.inputWeights = new double[] {10, 7};
    net.recurrentLayout = Net.Layout.DENSE;
    // A weight of 0 is a synapse too, but without an effect on the loss.
    net.recurrentWeights = new double[] {0, 5, -3, 0};
    net.recurrentDelays = new double[] {0, 1, 1.5, 0};
    net.inputTimes = new double[][] {{2, 9, 20}};
    net.inputUnits = new int[][] {{0, 0, 0}};
    set(net, kind, twice(LIF_VALUES), twice(VARIANT_VALUES));
    return net;
  }

  private static double[][] twice(double[] values) {
    return Arrays.stream(values).mapToObj(v -> new double[] {v, v}).toArray(double[][]::new);
  }

  @ParameterizedTest
  @MethodSource("gold")
  void timesAndGradientsAreThoseOfManyDigits(BackendCase on, Kind kind) throws IOException {
    boolean single = on.type() == DType.FLOAT32;
    Map<String, Double> expected = expected(kind);
    assertThat(expected).hasSizeGreaterThan(15);
    try (Backend backend = on.backend().get();
        Resources open = new Resources()) {
      Pass pass = new Pass(backend, on.type(), goldNet(kind), open);
      pass.forward();
      pass.backward(pass.spikes, n -> 1);
      Map<String, Double> computed = goldValues(pass);
      assertThat(computed.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
      double scale = expected.values().stream().mapToDouble(Math::abs).max().orElseThrow();
      expected.forEach(
          (name, value) -> {
            double tolerance =
                name.startsWith("spike")
                    ? (single ? 5e-5 : 2e-12)
                    : (single ? 1e-4 : 2e-12) * Math.max(1, scale);
            assertThat(computed.get(name)).as(name).isCloseTo(value, within(tolerance));
          });
    }
  }

  private static Map<String, Double> goldValues(Pass pass) {
    Map<String, Double> all = new LinkedHashMap<>();
    int[] units = pass.spikes.units().toInts();
    double[] times = pass.spikes.times().toDoubles();
    for (int k = 0; k < pass.spikes.counts().toInts()[0]; k++) {
      all.put("spike" + k + ":" + units[k], times[k]);
    }
    LayerGradients g = pass.gradients;
    for (int n = 0; n < 2; n++) {
      all.put("input:" + n, g.inputWeights().toDoubles()[n]);
      all.put("recurrent:" + n, g.recurrentWeights().toDoubles()[1 + n]);
      all.put("delay:" + n, g.recurrentDelays().toDoubles()[1 + n]);
    }
    for (int e = 0; e < 3; e++) {
      all.put("time:" + e, pass.input.errors().toDoubles()[e]);
    }
    put(all, "tauMem", g.tauMem());
    put(all, "tauSyn", g.tauSyn());
    put(all, "threshold", g.threshold());
    put(all, "reset", g.reset());
    put(all, "bias", g.bias());
    for (int i = 0; i < LifVariant.NAMES.size(); i++) {
      put(all, LifVariant.NAMES.get(i), g.variant().parameters().get(i));
    }
    return all;
  }

  private static void put(Map<String, Double> all, String name, DeviceArray values) {
    for (int n = 0; values != null && n < values.length(); n++) {
      all.put(name + ":" + n, values.toDoubles()[n]);
    }
  }

  /** A layer with its input on a backend, its spikes and its gradients. */
  private static final class Pass {
    final Backend backend;
    final DType type;
    final LifLayer layer;
    final Spikes input;
    final LayerGradients gradients;
    final DeviceArray kick;
    private final Resources open;
    Spikes spikes;

    Pass(Backend backend, DType type, Net net, Resources open) {
      this.backend = backend;
      this.type = type;
      this.open = open;
      layer = net.layer(backend, type, open);
      int most = Arrays.stream(net.inputTimes).mapToInt(t -> t.length).max().orElseThrow();
      input =
          open.own(Spikes.inputsWithErrors(backend, type, net.inputTimes.length, most))
              .set(net.inputTimes, net.inputUnits);
      kick =
          net.kick == null
              ? null
              : open.own(backend.allocate(type, net.kick.length).copyFrom(net.kick));
      Synapses in = layer.input();
      Synapses rec = layer.recurrent();
      List<DeviceArray> wanted = new ArrayList<>();
      layer.lif().parameters().forEach(p -> wanted.add(like(p)));
      layer.variant().parameters().forEach(p -> wanted.add(like(p)));
      gradients =
          open.own(
              new LayerGradients(
                  like(in.weights()),
                  in.delays() == null ? null : like(in.delays().values()),
                  rec == null ? null : like(rec.weights()),
                  rec == null || rec.delays() == null ? null : like(rec.delays().values()),
                  wanted.get(0),
                  wanted.get(1),
                  wanted.get(2),
                  wanted.get(3),
                  wanted.get(4),
                  new VariantGradients(
                      wanted.get(5),
                      wanted.get(6),
                      wanted.get(7),
                      wanted.get(8),
                      wanted.get(9),
                      wanted.get(10))));
    }

    private static DeviceArray like(DeviceArray a) {
      return a == null ? null : a.backend().allocate(a.type(), a.shape());
    }

    void forward() {
      Spikes small = Spikes.outputs(backend, type, input.batch(), 3);
      try {
        spikes = open.own(ExactEventProp.forwardGrowing(layer, input, small));
      } catch (RuntimeException e) {
        small.close();
        throw e;
      }
    }

    /** Along given spikes, whose errors are set. */
    void backward(Spikes along, IntToDoubleFunction error) {
      int[] units = along.units().toInts();
      along.errors().copyFrom(Arrays.stream(units).mapToDouble(error).toArray());
      ExactEventProp.backward(layer, input, along, gradients, kick);
    }

    /** These spikes in double precision on another backend. */
    Spikes copy(Backend java, Resources own) {
      Spikes to = own.own(Spikes.outputs(java, DType.FLOAT64, spikes.batch(), spikes.capacity()));
      to.counts().copyFrom(spikes.counts().toInts());
      to.times().copyFrom(spikes.times().toDoubles());
      to.units().copyFrom(spikes.units().toInts());
      to.slopes().copyFrom(spikes.slopes().toDoubles());
      return to;
    }
  }

  private static Net random(Kind kind, Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = shape == Shape.WIDE ? 40 : 6;
    boolean recurrent = shape != Shape.FEED_FORWARD;
    Net net = new Net(5, n);
    net.duration = 60;
    double strength = kind == Kind.NON_LEAKY ? 1.5 : 4;
    net.inputWeights = floats(random, 5 * n, -0.3 * strength, strength);
    if (recurrent) {
      net.inputDelays = floats(random, 5 * n, 0, 5);
      net.recurrentLayout = Net.Layout.CSR;
      double weight = 4 / Math.sqrt(n);
      net.recurrentWeights = floats(random, n * n, -weight, 0.8 * weight);
      net.recurrentDelays = floats(random, n * n, 0.1, 5);
      for (int s = 0; s < n * n; s++) {
        net.recurrentWeights[s] = random.nextDouble() < 0.3 ? Double.NaN : net.recurrentWeights[s];
      }
    }
    net.inputTimes = new double[2][];
    net.inputUnits = new int[2][];
    for (int b = 0; b < 2; b++) {
      net.inputTimes[b] = floats(random, 10 - b, 0.5, 45);
      Arrays.sort(net.inputTimes[b]);
      net.inputUnits[b] = random.ints(10 - b, 0, 5).toArray();
    }
    double[][] lif = new double[5][];
    for (int i = 0; i < lif.length; i++) {
      double value = LIF_VALUES[i];
      lif[i] = floats(random, i == 1 ? 1 : n, value - 0.1, value + 0.1);
    }
    double[][] variant = new double[6][];
    for (int i = 0; i < variant.length; i++) {
      double value = VARIANT_VALUES[i];
      variant[i] = floats(random, i == 3 ? 1 : n, 0.9 * value, 1.1 * value);
    }
    set(net, kind, lif, variant);
    net.kick = floats(random, n, -0.02, 0.02);
    return net;
  }

  private static double[] floats(SplittableRandom random, int count, double low, double high) {
    return random.doubles(count, low, high).map(x -> (float) x).toArray();
  }

  @ParameterizedTest
  @MethodSource("compared")
  void spikesAndGradientsAreThoseOfTheReference(BackendCase on, Kind kind, Shape shape) {
    int wanted = shape == Shape.WIDE ? 1 : 2;
    int compared = 0;
    for (long seed = 1; compared < wanted; seed++) {
      assertThat(seed).as("draws").isLessThan(400);
      Net net = random(kind, shape, seed);
      try (JavaBackend java = new JavaBackend(1);
          Resources open = new Resources()) {
        Pass oracle = new Pass(java, DType.FLOAT64, net, open);
        oracle.forward();
        boolean measurable =
            oracle.spikes.smallestSlope() > (shape == Shape.WIDE ? 0.003 : 0.006)
                && oracle.spikes.largestCount() > 4
                && Arrays.stream(oracle.spikes.grazes().toInts()).sum() == 0;
        if (measurable) {
          compare(on, net, oracle);
          compared++;
        }
      }
    }
  }

  private static void compare(BackendCase on, Net net, Pass oracle) {
    try (Backend backend = on.backend().get();
        Resources open = new Resources()) {
      Pass pass = new Pass(backend, on.type(), net, open);
      pass.forward();
      boolean single = on.type() == DType.FLOAT32;
      sameSpikes(pass.spikes, oracle.spikes, single ? 2e-3 : 1e-10);
      // The reference goes back through the very spikes of the backend under test.
      oracle.backward(pass.copy(oracle.backend, open), VariantConformance::error);
      pass.backward(pass.spikes, VariantConformance::error);
      double tolerance = single ? 1e-3 : 1e-9;
      same("input errors", pass.input.errors(), oracle.input.errors(), tolerance);
      for (int g = 0; g < oracle.gradients.arrays().size(); g++) {
        DeviceArray actual = pass.gradients.arrays().get(g);
        same("gradient " + g, actual, oracle.gradients.arrays().get(g), tolerance);
      }
    }
  }

  private static double error(int unit) {
    return 0.4 + 0.3 * Math.sin(1 + 2 * unit);
  }

  private static void sameSpikes(Spikes actual, Spikes expected, double tolerance) {
    int[] counts = expected.counts().toInts();
    assertThat(actual.counts().toInts()).isEqualTo(counts);
    for (int b = 0; b < counts.length; b++) {
      int at = b * actual.capacity();
      int from = b * expected.capacity();
      for (int k = 0; k < counts[b]; k++) {
        assertThat(actual.units().toInts()[at + k]).isEqualTo(expected.units().toInts()[from + k]);
        assertThat(actual.times().toDoubles()[at + k])
            .as("time of spike %d of sample %d", k, b)
            .isCloseTo(expected.times().toDoubles()[from + k], within(tolerance));
        assertThat(actual.slopes().toDoubles()[at + k])
            .isCloseTo(expected.slopes().toDoubles()[from + k], within(tolerance));
      }
    }
  }

  private static void same(
      String what, DeviceArray actual, DeviceArray expected, double tolerance) {
    double[] values = expected.toDoubles();
    double scale = Arrays.stream(values).map(Math::abs).max().orElse(0);
    double[] found = actual.toDoubles();
    for (int k = 0; k < values.length; k++) {
      assertThat(found[k])
          .as("%s, element %d", what, k)
          .isCloseTo(values[k], within(tolerance * scale + 1e-6));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatCannotBeSimulatedIsAnErrorThatSaysWhy(BackendCase on) {
    Net net = goldNet(Kind.ALL);
    net.variant[0] = new double[] {1, -1};
    fails(on, net, IllegalArgumentException.class, "refractory: expected a finite, positive");
    net = goldNet(Kind.ALL);
    net.variant[3] = new double[] {-0.1};
    fails(
        on, net, IllegalArgumentException.class, "thresholdJump: expected a finite, not negative");
    net = goldNet(Kind.ADAPTATION_CURRENT);
    net.variant[5] = new double[] {0, Double.NaN};
    fails(on, net, IllegalArgumentException.class, "adaptationJump: expected a finite number");
    net = goldNet(Kind.REFRACTORY);
    net.reset = new double[] {1.5};
    fails(on, net, IllegalArgumentException.class, "reset < threshold");
    net = goldNet(Kind.REFRACTORY);
    net.inputWeights[1] = Double.NaN;
    fails(on, net, ArithmeticException.class, "weight of synapse 1 is NaN");
    net = goldNet(Kind.REFRACTORY);
    net.simulator = Simulator.grid(0.5);
    Net grid = net;
    try (Backend backend = on.backend().get();
        Resources open = new Resources()) {
      Pass pass = new Pass(backend, on.type(), grid, open);
      pass.forward();
      assertThatThrownBy(() -> grid.simulator.forward(pass.layer, pass.input, pass.spikes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("variant: expected null for the grid simulator");
    }
  }

  private static void fails(
      BackendCase on, Net net, Class<? extends RuntimeException> how, String message) {
    try (Backend backend = on.backend().get();
        Resources open = new Resources()) {
      Pass pass = new Pass(backend, on.type(), net, open);
      assertThatThrownBy(pass::forward).isInstanceOf(how).hasMessageContaining(message);
    }
  }
}
