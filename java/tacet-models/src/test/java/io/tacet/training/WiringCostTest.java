package io.tacet.training;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.Positions;
import io.tacet.network.RecurrentSynapses;
import io.tacet.network.TrainingOptions;
import io.tacet.network.Weights;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Costs of recurrent wiring: gradients, exact zeros, and dense against sparse synapses. */
class WiringCostTest {
  private static final Positions GRID = Positions.grid(3, 2, 2);
  private static final int UNITS = GRID.units();
  private static final double STEP = 1e-6;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static List<WiringCost> costs(double strength, Positions positions) {
    return List.of(
        WiringCost.weight(strength),
        WiringCost.length(strength, positions),
        WiringCost.communicability(strength),
        WiringCost.spatial(strength, positions));
  }

  private static NetworkBuilder on(Backend backend) {
    return Network.on(backend).precision(DType.FLOAT64);
  }

  private static Network rnn(Backend backend, Connection recurrent) {
    return on(backend)
        .sequence(2)
        .rnn(UNITS, Activation.RELU, Connection.dense(), recurrent)
        .readoutOfLastStep(2)
        .build(3);
  }

  private static Network egru(Backend backend, Connection recurrent) {
    return on(backend)
        .sequence(2)
        .egru(UNITS, Egru.defaults(), Connection.dense(), recurrent)
        .readout(2)
        .build(3);
  }

  private static Network lif(Backend backend, Connection recurrent) {
    return on(backend)
        .spikes(2)
        .lif(UNITS, Lif.tau(20, 5), Connection.dense(Weights.normal(1, 1)), recurrent)
        .build(3);
  }

  private static PassShape shape(Network network) {
    return network.layers().get(0).spec().cell().equals("lif")
        ? PassShape.events(1, 1, TrainingOptions.PLAIN)
        : PassShape.steps(1, 1, TrainingOptions.PLAIN);
  }

  private static RecurrentSynapses synapses(Network network) {
    return network.layers().get(0).recurrent().get(0);
  }

  private static double[] gradient(Network network, WiringCost cost) {
    try (Pass pass = new Pass(network, shape(network))) {
      network.zeroGradients();
      cost.applyToGradients(pass);
      return synapses(network).gradient().toDoubles();
    }
  }

  private static void checkGradient(Network network, WiringCost cost) {
    double[] gradient = gradient(network, cost);
    DeviceArray array = synapses(network).weights();
    double[] weights = array.toDoubles();
    double most = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
    assertThat(most).isPositive();
    for (int w = 0; w < weights.length; w++) {
      double[] moved = weights.clone();
      moved[w] = weights[w] + STEP;
      double above = cost.value(change(network, array, moved));
      moved[w] = weights[w] - STEP;
      double below = cost.value(change(network, array, moved));
      assertThat(gradient[w])
          .as("weight %d of %s", w, cost)
          .isCloseTo((above - below) / (2 * STEP), within(1e-6 * most));
    }
    array.copyFrom(weights);
  }

  private static Network change(Network network, DeviceArray array, double[] values) {
    array.copyFrom(values);
    return network;
  }

  @Test
  void gradientsOfDenseSynapsesAreThoseOfTheValue() {
    Connection dense = Connection.dense(Weights.normal(0.1, 0.5));
    try (Backend java = Backends.open("java");
        Network rnn = rnn(java, dense);
        Network egru = egru(java, dense);
        Network lif = lif(java, dense)) {
      for (WiringCost cost : costs(0.3, GRID)) {
        checkGradient(rnn, cost);
        checkGradient(egru, cost);
        checkGradient(lif, cost);
      }
    }
  }

  @Test
  void gradientsOfSparseSynapsesAreThoseOfTheValue() {
    Connection sparse = Connection.sparse(0.4, Weights.normal(0.1, 0.5));
    try (Backend java = Backends.open("java");
        Network rnn = rnn(java, sparse);
        Network egru = egru(java, sparse);
        Network gates = egru(java, sparse.separateGates());
        Network lif = lif(java, sparse)) {
      for (WiringCost cost : costs(0.3, GRID)) {
        checkGradient(rnn, cost);
        checkGradient(egru, cost);
        checkGradient(gates, cost);
        checkGradient(lif, cost);
      }
    }
  }

  /** The pattern and its matrix with zeros, at 18 units so that there is more than one panel. */
  @Test
  void sparseAndDenseSynapsesCostTheSame() {
    Positions line = Positions.grid(19);
    try (Backend java = Backends.open("java");
        Network sparse = wide(java, Connection.sparse(0.3));
        Network dense = wide(java, Connection.dense())) {
      int[] offsets = synapses(sparse).pattern().rowOffsets().toInts();
      int[] columns = synapses(sparse).pattern().indices().toInts();
      double[] values = synapses(sparse).weights().toDoubles();
      double[] matrix = new double[19 * 19];
      for (int i = 0; i < 19; i++) {
        for (int e = offsets[i]; e < offsets[i + 1]; e++) {
          matrix[i * 19 + columns[e]] = values[e];
        }
      }
      synapses(dense).weights().copyFrom(matrix);
      for (WiringCost cost : costs(0.3, line)) {
        WiringCost exact = cost.terms(20);
        assertThat(exact.value(sparse))
            .isCloseTo(cost.value(dense), within(1e-12 * cost.value(dense)));
        double[] ofSparse = gradient(sparse, exact);
        double[] ofDense = gradient(dense, cost);
        for (int i = 0; i < 19; i++) {
          for (int e = offsets[i]; e < offsets[i + 1]; e++) {
            assertThat(ofSparse[e]).isCloseTo(ofDense[i * 19 + columns[e]], within(1e-11));
          }
        }
      }
    }
  }

  @Test
  void strengthsAreSumsOverGates() {
    Connection sparse = Connection.sparse(0.4, Weights.normal(0.1, 0.5));
    try (Backend java = Backends.open("java");
        Network shared = egru(java, sparse);
        Network own = egru(java, sparse.separateGates())) {
      for (Network network : List.of(shared, own)) {
        RecurrentSynapses synapses = synapses(network);
        double[] expected = new double[UNITS * UNITS];
        int[] offsets = synapses.pattern().rowOffsets().toInts();
        int[] columns = synapses.pattern().indices().toInts();
        double[] weights = synapses.weights().toDoubles();
        int each = weights.length / columns.length;
        for (int i = 0; i < UNITS; i++) {
          for (int w = offsets[i] * each; w < offsets[i + 1] * each; w++) {
            expected[i * UNITS + columns[w / each] % UNITS] += Math.abs(weights[w]);
          }
        }
        assertClose(WiringCost.strengths(synapses), expected, 1e-12);
      }
    }
  }

  private static Network wide(Backend backend, Connection recurrent) {
    return on(backend)
        .sequence(2)
        .rnn(19, Activation.RELU, Connection.dense(), recurrent)
        .readoutOfLastStep(2)
        .build(3);
  }

  /** Two units that reach each other: M is [0 1; 1 0] times the root, and C its hyperbolic sine. */
  @Test
  void theCommunicabilityOfTwoUnitsIsKnown() {
    try (Backend java = Backends.open("java");
        Network network =
            on(java).sequence(1).rnn(2, Activation.RELU).readoutOfLastStep(2).build(1)) {
      synapses(network).weights().copyFrom(new double[] {0, -2, 3, 0});
      Positions apart = Positions.of(new double[][] {{0, 0}, {3, 4}});
      double product = Math.sqrt(1 / 2.0 * 2 * (1 / 3.0) * 3);
      double c = Math.sinh(product);
      double first = 2 / Math.sqrt(6);
      double second = 3 / Math.sqrt(6);
      double expected = 0.5 * 5 * (2 * c * first + 3 * c * second);
      assertThat(WiringCost.spatial(0.5, apart).value(network)).isCloseTo(expected, within(1e-12));
      assertThat(WiringCost.length(0.5, apart).value(network)).isEqualTo(12.5);
      assertThat(WiringCost.weight(0.5).value(network)).isEqualTo(2.5);
    }
  }

  @Test
  void aProximalStepGivesWeightsOfZero() {
    try (Backend java = Backends.open("java");
        Network network = rnn(java, Connection.dense(Weights.uniform(-1, 1)))) {
      WiringCost cost = WiringCost.length(1, GRID).withProximalStep();
      assertThat(gradient(network, cost)).containsOnly(0);
      double[] before = synapses(network).weights().toDoubles();
      cost.afterUpdate(network, 0.2);
      double[] after = synapses(network).weights().toDoubles();
      int zeros = 0;
      for (int w = 0; w < before.length; w++) {
        double step = 0.2 * GRID.distance(w / UNITS, w % UNITS);
        double size = Math.max(0, Math.abs(before[w]) - step);
        assertThat(after[w]).isCloseTo(Math.signum(before[w]) * size, within(1e-15));
        zeros += after[w] == 0 ? 1 : 0;
      }
      assertThat(zeros).isBetween(20, 100);
    }
  }

  @Test
  void unitsWithoutStrengthHaveNoPartInIt() {
    try (Backend java = Backends.open("java");
        Network network = rnn(java, Connection.dense())) {
      double[] weights = synapses(network).weights().toDoubles();
      Arrays.fill(weights, 0, UNITS, 0);
      synapses(network).weights().copyFrom(weights);
      double[] gradient = gradient(network, WiringCost.spatial(0.1, GRID));
      assertThat(gradient).doesNotContain(Double.NaN, Double.POSITIVE_INFINITY);
      assertThat(Arrays.copyOf(gradient, UNITS)).containsOnly(0);
    }
  }

  @Test
  void singlePrecisionCostsTheSame() {
    Connection recurrent = Connection.dense(Weights.orthogonal());
    try (Backend java = Backends.open("java");
        Network exact = rnn(java, recurrent);
        Network network =
            Network.on(java)
                .sequence(2)
                .rnn(UNITS, Activation.RELU, Connection.dense(), recurrent)
                .readoutOfLastStep(2)
                .build(3)) {
      WiringCost cost = WiringCost.spatial(0.1, GRID);
      assertThat(cost.value(network)).isCloseTo(cost.value(exact), within(1e-5));
      double[] gradient = gradient(network, cost);
      double[] expected = gradient(exact, cost);
      for (int w = 0; w < expected.length; w++) {
        assertThat(gradient[w]).isCloseTo(expected[w], within(1e-5));
      }
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    assertThatThrownBy(() -> WiringCost.weight(-1)).hasMessageContainingAll("strength", "-1");
    assertThatThrownBy(() -> WiringCost.weight(1).terms(0)).hasMessageContainingAll("terms", "0");
    try (Backend java = Backends.open("java");
        Network network = rnn(java, Connection.dense());
        Network without =
            on(java).spikes(2).lif(3, Lif.tau(20, 5), Weights.normal(1, 1)).build(1)) {
      assertThatThrownBy(() -> WiringCost.spatial(1, Positions.grid(5)).value(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("positions", "12", "5");
      assertThatThrownBy(() -> WiringCost.weight(1).layer(1).value(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layer");
      assertThatThrownBy(() -> WiringCost.weight(1).value(without))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layer");
    }
  }
}
