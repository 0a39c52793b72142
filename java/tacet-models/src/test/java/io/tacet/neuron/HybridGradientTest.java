package io.tacet.neuron;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.Thorough;
import io.tacet.memory.Leaks;
import io.tacet.neuron.IntegrateAndFire.Feature;
import io.tacet.reference.JavaBackend;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HybridGradientTest {
  private static final int NETS = 2;
  private static final int MOST_DRAWS = 40;

  /** A neuron, the tolerance of its solution, and the scale of its weights. */
  static Stream<Arguments> neurons() {
    Neuron quickThreshold = Neurons.alif().with("tauThreshold", 30).with("thresholdJump", 0.3);
    Feature[] all = {
      Feature.SOFT_RESET,
      Feature.REFRACTORY,
      Feature.ADAPTIVE_THRESHOLD,
      Feature.ADAPTATION_CURRENT,
      Feature.INHIBITORY_SYNAPSE,
      Feature.ALPHA_SYNAPSE
    };
    Neuron everything = quick(Arrays.copyOf(all, 5));
    Neuron everythingAlpha = quick(all);
    return Stream.of(
        Arguments.of(Neurons.lif(), 0, 2),
        Arguments.of(Neurons.lif(), 1e-12, 2),
        Arguments.of(Neurons.refractory(2), 0, 3),
        Arguments.of(Neurons.nonLeaky(), 0, 1.2),
        Arguments.of(Neurons.integrateAndFire(Feature.SOFT_RESET), 0, 2),
        Arguments.of(quickThreshold, 0, 3),
        Arguments.of(Neurons.integrateAndFire(Feature.ADAPTATION_CURRENT), 0, 3),
        Arguments.of(Neurons.integrateAndFire(Feature.INHIBITORY_SYNAPSE), 0, 3),
        Arguments.of(everything, 0, 3),
        Arguments.of(Neurons.alpha(), 0, 3),
        Arguments.of(Neurons.integrateAndFire(Feature.ALPHA_SYNAPSE, Feature.NON_LEAKY), 0, 1.2),
        Arguments.of(everythingAlpha, 0, 4),
        Arguments.of(Neurons.of(new AlphaNeuron()), 1e-12, 3),
        Arguments.of(Neurons.qif(), 1e-12, 3),
        Arguments.of(Neurons.exponential(), 1e-12, 3),
        Arguments.of(Neurons.adex(), 1e-12, 3),
        Arguments.of(Neurons.izhikevich(), 1e-12, 6));
  }

  private static Neuron quick(Feature... features) {
    return Neurons.integrateAndFire(features).with("tauThreshold", 30).with("tauAdaptation", 40);
  }

  @ParameterizedTest
  @MethodSource("neurons")
  void gradientsOfRecurrentLayersWithDelaysAreThoseThatFiniteDifferencesMeasure(
      Neuron neuron, double tolerance, double scale) {
    compare(neuron, tolerance, scale, false);
  }

  @ParameterizedTest
  @MethodSource("neurons")
  @Thorough
  void soAreThoseOfMeanPotentials(Neuron neuron, double tolerance, double scale) {
    compare(neuron, tolerance, scale, true);
  }

  /**
   * Where it is solved numerically, one of both tests takes every second gradient, one the rest.
   */
  private static void compare(Neuron neuron, double tolerance, double scale, boolean potentials) {
    // So few neurons are computed sooner than other threads have begun.
    try (Backend backend = new JavaBackend(1)) {
      int nets = 0;
      int wanted = tolerance > 0 || potentials ? 1 : NETS;
      for (long seed = 0; nets < wanted; seed++) {
        assertThat(seed).as("draws").isLessThan(MOST_DRAWS);
        HybridNet net = HybridNet.random(neuron, tolerance, scale, seed);
        net.potentials = potentials;
        HybridNet.Result r = net.run(backend);
        boolean clear = r.smallestSlope() > 0.01 && r.grazes() == 0;
        if (!clear || r.times().length < 5 || r.times().length > 60) {
          continue;
        }
        double error =
            tolerance > 0
                ? Differences.largestError(backend, net, potentials ? 1 : 0, 2)
                : Differences.largestError(backend, net, 0, 1);
        if (!Double.isNaN(error)) {
          nets++;
        }
      }
    }
  }

  @Test
  void nothingLeaks() {
    long before = Leaks.open();
    try (Backend backend = Backends.open("java")) {
      HybridNet.random(Neurons.adex(), 1e-9, 3, 1).run(backend);
    }
    assertThat(Leaks.open()).isEqualTo(before);
  }
}
