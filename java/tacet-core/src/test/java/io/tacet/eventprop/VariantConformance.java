package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.eventprop.VariantNets.Kind;
import io.tacet.eventprop.VariantNets.Shape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
  /** What {@link #seeds} has found, which is the same for all backends. */
  private static final Map<String, List<Long>> SEEDS = new ConcurrentHashMap<>();

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  /**
   * Whether a backend takes wide layers of the kind with this number. Small ones it always takes,
   * and wide ones run the same kernels or loops.
   */
  protected boolean takesWide(BackendCase on, int number) {
    return true;
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  Stream<Arguments> gold() {
    return backends().flatMap(b -> Arrays.stream(Kind.values()).map(k -> Arguments.of(b, k)));
  }

  Stream<Arguments> compared() {
    return VariantNets.compared(backends(), this::takesWide);
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

  @ParameterizedTest
  @MethodSource("gold")
  void timesAndGradientsAreThoseOfManyDigits(BackendCase on, Kind kind) throws IOException {
    boolean single = on.type() == DType.FLOAT32;
    Map<String, Double> expected = expected(kind);
    assertThat(expected).hasSizeGreaterThan(15);
    try (Backend backend = on.backend().get();
        Resources open = new Resources()) {
      VariantPass pass = new VariantPass(backend, on.type(), VariantNets.goldNet(kind), open);
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

  private static Map<String, Double> goldValues(VariantPass pass) {
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

  @ParameterizedTest
  @MethodSource("compared")
  void spikesAndGradientsAreThoseOfTheReference(BackendCase on, Kind kind, Shape shape) {
    for (long seed : SEEDS.computeIfAbsent(kind + " " + shape, k -> seeds(kind, shape))) {
      Net net = VariantNets.random(kind, shape, seed);
      try (JavaBackend java = new JavaBackend(1);
          Resources open = new Resources()) {
        VariantPass oracle = new VariantPass(java, DType.FLOAT64, net, open);
        oracle.forward();
        compare(on, net, oracle);
      }
    }
  }

  /** The first networks whose spikes are far enough from being none. */
  private static List<Long> seeds(Kind kind, Shape shape) {
    int wanted = shape == Shape.WIDE ? 1 : 2;
    List<Long> seeds = new ArrayList<>();
    for (long seed = 1; seeds.size() < wanted; seed++) {
      assertThat(seed).as("draws").isLessThan(400);
      try (JavaBackend java = new JavaBackend(1);
          Resources open = new Resources()) {
        VariantPass oracle =
            new VariantPass(java, DType.FLOAT64, VariantNets.random(kind, shape, seed), open);
        oracle.forward();
        boolean measurable =
            oracle.spikes.smallestSlope() > (shape == Shape.WIDE ? 0.003 : 0.006)
                && oracle.spikes.largestCount() > 4
                && Arrays.stream(oracle.spikes.grazes().toInts()).sum() == 0;
        if (measurable) {
          seeds.add(seed);
        }
      }
    }
    return seeds;
  }

  private static void compare(BackendCase on, Net net, VariantPass oracle) {
    try (Backend backend = on.backend().get();
        Resources open = new Resources()) {
      VariantPass pass = new VariantPass(backend, on.type(), net, open);
      pass.forward();
      boolean single = on.type() == DType.FLOAT32;
      VariantPass.sameSpikes(pass.spikes, oracle.spikes, single ? 2e-3 : 1e-10);
      // The reference goes back through the very spikes of the backend under test.
      oracle.backward(pass.copy(oracle.backend, open), VariantPass::error);
      pass.backward(pass.spikes, VariantPass::error);
      pass.sameGradients(oracle, single ? 1e-3 : 1e-9);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatCannotBeSimulatedIsAnErrorThatSaysWhy(BackendCase on) {
    Net net = VariantNets.goldNet(Kind.ALL);
    net.variant[0] = new double[] {1, -1};
    fails(on, net, IllegalArgumentException.class, "refractory: expected a finite, positive");
    net = VariantNets.goldNet(Kind.ALL);
    net.variant[3] = new double[] {-0.1};
    fails(
        on, net, IllegalArgumentException.class, "thresholdJump: expected a finite, not negative");
    net = VariantNets.goldNet(Kind.ADAPTATION_CURRENT);
    net.variant[5] = new double[] {0, Double.NaN};
    fails(on, net, IllegalArgumentException.class, "adaptationJump: expected a finite number");
    net = VariantNets.goldNet(Kind.REFRACTORY);
    net.reset = new double[] {1.5};
    fails(on, net, IllegalArgumentException.class, "reset < threshold");
    net = VariantNets.goldNet(Kind.REFRACTORY);
    net.inputWeights[1] = Double.NaN;
    fails(on, net, ArithmeticException.class, "weight of synapse 1 is NaN");
  }

  private static void fails(
      BackendCase on, Net net, Class<? extends RuntimeException> how, String message) {
    try (Backend backend = on.backend().get();
        Resources open = new Resources()) {
      VariantPass pass = new VariantPass(backend, on.type(), net, open);
      assertThatThrownBy(pass::forward).isInstanceOf(how).hasMessageContaining(message);
    }
  }
}
