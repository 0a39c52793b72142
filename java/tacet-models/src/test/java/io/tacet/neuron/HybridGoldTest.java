package io.tacet.neuron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.neuron.IntegrateAndFire.Feature;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Cases in 40 digits, which variants.py of the operation's tests computes apart from the library.
 */
class HybridGoldTest {
  private static final Map<String, Double> PARAMETERS =
      Map.ofEntries(
          Map.entry("tauMem", 20.0),
          Map.entry("tauSyn", 5.0),
          Map.entry("threshold", 1.0),
          Map.entry("bias", 0.125),
          Map.entry("reset", -0.25),
          Map.entry("refractory", 2.5),
          Map.entry("tauInhibitory", 9.0),
          Map.entry("tauThreshold", 30.0),
          Map.entry("thresholdJump", 0.375),
          Map.entry("tauAdaptation", 40.0),
          Map.entry("adaptationJump", 0.5));

  /** A case of the file. */
  enum Case {
    LIF,
    REFRACTORY,
    NON_LEAKY,
    SOFT_RESET,
    ADAPTIVE_THRESHOLD,
    ADAPTATION_CURRENT,
    INHIBITORY_SYNAPSE,
    ALL,
    ALPHA_SYNAPSE,
    ALL_ALPHA;

    private static final Feature[] EVERYTHING = {
      Feature.SOFT_RESET,
      Feature.REFRACTORY,
      Feature.ADAPTIVE_THRESHOLD,
      Feature.ADAPTATION_CURRENT,
      Feature.INHIBITORY_SYNAPSE,
      Feature.ALPHA_SYNAPSE
    };

    Feature[] features() {
      return switch (this) {
        case LIF -> new Feature[0];
        case ALL -> Arrays.copyOf(EVERYTHING, EVERYTHING.length - 1);
        case ALL_ALPHA -> EVERYTHING.clone();
        default -> new Feature[] {Feature.valueOf(name())};
      };
    }

    String key() {
      return toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private static Map<String, Double> expected(String wanted) throws IOException {
    Map<String, Double> all = new LinkedHashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                HybridGoldTest.class.getResourceAsStream("/io/tacet/eventprop/variants.txt"),
                StandardCharsets.UTF_8))) {
      lines
          .lines()
          .map(line -> line.split(" "))
          .filter(words -> words[0].equals(wanted))
          .forEach(words -> all.put(words[1], Double.valueOf(words[2])));
    }
    return all;
  }

  private static HybridNet net(Case one, double tolerance) {
    Neuron neuron = Neurons.integrateAndFire(one.features());
    HybridNet net = new HybridNet(neuron.dynamics(), tolerance, 1, 2);
    net.duration = 60;
    net.inputWeights = new double[] {10, 7};
    // A weight of 0 is a synapse too, but without an effect on the loss.
    net.recurrentWeights = new double[] {0, 5, -3, 0};
    net.recurrentDelays = new double[] {0, 1, 1.5, 0};
    net.inputTimes = new double[] {2, 9, 20};
    net.inputUnits = new int[3];
    net.parameters =
        neuron.dynamics().parameters().stream()
            .map(p -> new double[] {PARAMETERS.get(p.name()), PARAMETERS.get(p.name())})
            .toArray(double[][]::new);
    return net;
  }

  private static Map<String, Double> computed(HybridNet net, HybridNet.Result r) {
    Map<String, Double> all = new LinkedHashMap<>();
    for (int k = 0; k < r.times().length; k++) {
      all.put("spike" + k + ":" + r.units()[k], r.times()[k]);
    }
    for (int n = 0; n < 2; n++) {
      all.put("input:" + n, r.inputWeights()[n]);
      all.put("recurrent:" + n, r.recurrentWeights()[n == 0 ? 1 : 2]);
      all.put("delay:" + n, r.recurrentDelays()[n == 0 ? 1 : 2]);
    }
    for (int e = 0; e < 3; e++) {
      all.put("time:" + e, r.inputErrors()[e]);
    }
    List<NeuronParameter> parameters = net.dynamics.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      for (int n = 0; n < 2; n++) {
        all.put(parameters.get(i).name() + ":" + n, r.parameters()[i][n]);
      }
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource(Case.class)
  void closedFormsGiveTheGoldCasesToRounding(Case one) throws IOException {
    check(one, 0, 2e-12);
  }

  @ParameterizedTest
  @EnumSource(Case.class)
  void rungeKuttaGivesTheGoldCasesToItsTolerance(Case one) throws IOException {
    check(one, 1e-13, 1e-9);
  }

  private static void check(Case one, double tolerance, double part) throws IOException {
    Map<String, Double> expected = expected(one.key());
    assertThat(expected).hasSizeGreaterThan(15);
    try (Backend backend = Backends.open("java")) {
      HybridNet net = net(one, tolerance);
      HybridNet.Result r = net.run(backend, n -> 1);
      Map<String, Double> computed = computed(net, r);
      assertThat(computed.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
      double scale =
          Arrays.stream(r.parameters())
              .flatMapToDouble(Arrays::stream)
              .map(Math::abs)
              .max()
              .orElse(1);
      expected.forEach(
          (name, value) ->
              assertThat(computed.get(name))
                  .as(name)
                  .isCloseTo(value, within(part * Math.max(scale, Math.abs(value)))));
    }
  }
}
