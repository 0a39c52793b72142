package io.tacet.neuron;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.neuron.IntegrateAndFire.Feature;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NeuronDerivativesTest {
  static Stream<Neuron> all() {
    Stream<Neuron> families = Arrays.stream(Feature.values()).map(Neurons::integrateAndFire);
    Stream<Neuron> others =
        Stream.of(
            Neurons.lif(),
            Neurons.integrateAndFire(Feature.values()),
            Neurons.of(new AlphaNeuron()),
            Neurons.qif(),
            Neurons.exponential(),
            Neurons.adex(),
            Neurons.izhikevich(),
            Neurons.of(new OwnNeuron()));
    return Stream.concat(families, others);
  }

  private static double[] state(Neuron neuron) {
    double[] x = new double[neuron.dynamics().variables().size()];
    neuron.dynamics().start(neuron.parameters(), x);
    for (int i = 0; i < x.length; i++) {
      x[i] += 0.3 + 0.1 * i;
    }
    return x;
  }

  @ParameterizedTest
  @MethodSource("all")
  void derivativesOfEveryNeuronAreThoseThatFiniteDifferencesMeasure(Neuron neuron) {
    for (long seed = 0; seed < 5; seed++) {
      long one = seed;
      assertThatCode(
              () -> Derivatives.check(neuron.dynamics(), state(neuron), neuron.parameters(), one))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void aWrongDerivativeIsNamed() {
    HybridNeuron wrong = new WrongNeuron();
    assertThatThrownBy(() -> Derivatives.check(wrong, new double[] {0.3}, new double[] {20}, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fieldAdjoint")
        .hasMessageContaining("tauMem")
        .hasMessageContaining("measured");
  }

  /** Forgets that its field depends on its time constant. */
  private static final class WrongNeuron implements HybridNeuron {
    @Override
    public String name() {
      return "wrong";
    }

    @Override
    public List<String> variables() {
      return List.of("V");
    }

    @Override
    public List<NeuronParameter> parameters() {
      return List.of(NeuronParameter.tau("tauMem", 20));
    }

    @Override
    public int receptor(double weight) {
      return 0;
    }

    @Override
    public void start(double[] p, double[] x) {
      x[0] = 0;
    }

    @Override
    public void startAdjoint(double[] p, double[] lambda, double[] dp) {}

    @Override
    public void field(int mode, double[] x, double[] p, double[] slope) {
      slope[0] = (20 - x[0]) / p[0];
    }

    @Override
    public void fieldAdjoint(
        int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {
      dx[0] -= lambda[0] / p[0];
    }

    @Override
    public double condition(int mode, double[] x, double[] p) {
      return x[0] - 1;
    }

    @Override
    public void conditionAdjoint(
        int mode, double[] x, double[] p, double factor, double[] dx, double[] dp) {
      dx[0] += factor;
    }

    @Override
    public int transition(int mode, double[] x, double[] p, double[] after) {
      after[0] = 0;
      return 0;
    }

    @Override
    public void transitionAdjoint(
        int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp) {}
  }
}
