package io.tacet.network;

import static io.tacet.network.LengthNets.BATCH;
import static io.tacet.network.LengthNets.LENGTHS;
import static io.tacet.network.LengthNets.STEPS;
import static io.tacet.network.LengthNets.run;
import static io.tacet.network.LengthNets.same;
import static io.tacet.network.LengthNets.spec;
import static io.tacet.network.LengthNets.training;
import static io.tacet.network.LengthNets.valuesOf;
import static io.tacet.network.RecurrentNetworks.build;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.LengthNets.Data;
import io.tacet.network.LengthNets.Result;
import io.tacet.optim.Parameter;
import io.tacet.training.CrossEntropy;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sequences of different lengths in one batch: each is what it is alone, values to the last bit and
 * gradients up to rounding, whose sums over steps have other groups.
 */
class LengthsTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.tacet.network.LengthNets#networks")
  void aSampleOfABatchIsWhatItIsAlone(String name, UnaryOperator<NetworkBuilder> layers) {
    for (DType type : new DType[] {DType.FLOAT64, DType.FLOAT32}) {
      double rounding = type == DType.FLOAT64 ? 1e-13 : 1e-6;
      Data data = new Data(5);
      try (Backend java = Backends.open("java");
          Network network = build(java, spec(layers, type));
          Pass together = training(network, BATCH, STEPS)) {
        boolean everyStep = network.spec().readsEveryStep();
        double weights = everyStep ? Arrays.stream(LENGTHS).sum() : BATCH;
        together.lengths(LENGTHS);
        // Twice, since a pass is used again.
        for (int k = 0; k < 2; k++) {
          data.load(together, Double.NaN, 0, 1, 2, 3);
          Result batch = run(together, false);
          double[] losses = together.losses().toDoubles();
          double[] sum = new double[batch.gradients().length];
          double loss = 0;
          for (int b = 0; b < BATCH; b++) {
            try (Pass alone = training(network, 1, LENGTHS[b]);
                Pass padded = training(network, 1, STEPS)) {
              data.load(alone, 0, b);
              Result own = run(alone, false);
              same(valuesOf(together, batch.values(), b, LENGTHS[b]), own.values(), 0);
              double weight = (everyStep ? LENGTHS[b] : 1) / weights;
              Arrays.setAll(sum, i -> sum[i] + weight * own.gradients()[i]);
              loss += Arrays.stream(alone.losses().toDoubles()).sum();
              padded.lengths(new int[] {LENGTHS[b]});
              data.load(padded, Double.POSITIVE_INFINITY, b);
              Result longer = run(padded, false);
              same(valuesOf(padded, longer.values(), 0, LENGTHS[b]), own.values(), 0);
              same(longer.gradients(), own.gradients(), rounding);
              // With terms that are not 0 where there is nothing.
              data.load(alone, 0, b);
              double[] pushed = run(alone, true).gradients();
              data.load(padded, Double.NaN, b);
              same(run(padded, true).gradients(), pushed, rounding);
            }
          }
          same(batch.gradients(), sum, rounding);
          assertThat(Arrays.stream(sum).anyMatch(g -> g != 0)).isTrue();
          assertThat(Arrays.stream(losses).sum()).isCloseTo(loss, within(20 * rounding));
        }
      }
    }
  }

  private static double loss(Pass pass, Data data) {
    data.load(pass, Double.NaN, 0, 1, 2, 3);
    pass.forward(11);
    new CrossEntropy().evaluate(pass);
    return Arrays.stream(pass.losses().toDoubles()).sum() / pass.rows();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.tacet.network.LengthNets#smooth")
  void gradientsAreDifferencesOfTheLoss(String name, UnaryOperator<NetworkBuilder> layers) {
    Data data = new Data(6);
    Dropouts dropouts = name.equals("tokens") ? Dropouts.OFF : new Dropouts(0, 0.2, 0.3, 0.2, 0.2);
    TrainingOptions options = new TrainingOptions(dropouts, TapeKind.FULL);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec(layers, DType.FLOAT64));
        Pass pass = new Pass(network, PassShape.steps(BATCH, STEPS, options))) {
      pass.lengths(LENGTHS);
      loss(pass, data);
      network.zeroGradients();
      pass.backward();
      for (Parameter p : network.parameters()) {
        double[] gradient = p.gradient().toDoubles();
        double[] values = p.value().toDoubles();
        for (int k = 0; k < values.length; k += 1 + values.length / 15) {
          double[] moved = values.clone();
          moved[k] = values[k] + 1e-5;
          p.value().copyFrom(moved);
          double above = loss(pass, data);
          moved[k] = values[k] - 1e-5;
          p.value().copyFrom(moved);
          double below = loss(pass, data);
          p.value().copyFrom(values);
          assertThat(gradient[k])
              .as(p.name() + "[" + k + "]")
              .isCloseTo((above - below) / 2e-5, within(1e-7));
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.tacet.network.LengthNets#oneDirection")
  void segmentsHaveTheGradientOfTheWhole(String name, UnaryOperator<NetworkBuilder> layers) {
    Data data = new Data(7);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec(layers, DType.FLOAT64));
        Pass whole = training(network, BATCH, STEPS)) {
      whole.lengths(LENGTHS);
      data.load(whole, Double.NaN, 0, 1, 2, 3);
      Result expected = run(whole, false);
      long possible = possible(whole);
      for (int segment : new int[] {1, 3, 4, 6}) {
        TrainingOptions options = new TrainingOptions(Dropouts.OFF, TapeKind.FULL, segment);
        try (Pass pass = new Pass(network, PassShape.steps(BATCH, STEPS, options))) {
          // Between passes over whole sequences, whose arrays are the same.
          data.load(pass, 0.5, 0, 1, 2, 3);
          Result before = run(pass, false);
          pass.lengths(LENGTHS);
          data.load(pass, Double.NaN, 0, 1, 2, 3);
          Result found = run(pass, false);
          same(found.values(), expected.values(), 1e-13);
          same(found.gradients(), expected.gradients(), 1e-12);
          assertThat(possible(pass)).isEqualTo(possible);
          pass.lengths(null);
          data.load(pass, 0.5, 0, 1, 2, 3);
          same(run(pass, false).gradients(), before.gradients(), 0);
        }
      }
    }
  }

  private static long possible(Pass pass) {
    return pass.counters().stream().flatMap(List::stream).mapToLong(EventCounter::possible).sum();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.tacet.network.LengthNets#oneDirection")
  void theStateThatIsLeftIsThatOfTheLastStep(String name, UnaryOperator<NetworkBuilder> layers) {
    Data data = new Data(8);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec(layers, DType.FLOAT64));
        NetworkState together = network.state(BATCH);
        Pass pass = new Pass(network, PassShape.steps(BATCH, STEPS, null))) {
      pass.lengths(LENGTHS);
      data.load(pass, Double.NaN, 0, 1, 2, 3);
      pass.forward(0, together);
      together.advance();
      for (int b = 0; b < BATCH; b++) {
        int sample = b;
        try (NetworkState own = network.state(1);
            Pass alone = new Pass(network, PassShape.steps(1, LENGTHS[b], null))) {
          data.load(alone, 0, b);
          alone.forward(0, own);
          own.advance();
          own.carried()
              .forEach(
                  (array, state) -> {
                    double[] all = together.carried().get(array).toDoubles();
                    int units = all.length / BATCH;
                    same(
                        Arrays.copyOfRange(all, sample * units, (sample + 1) * units),
                        state.toDoubles(),
                        0);
                  });
        }
      }
    }
  }
}
