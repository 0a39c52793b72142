package io.tacet.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruState;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.optim.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Gradients of whole networks, without events, where the loss is smooth. */
class UnrollTest {
  private static final int STEPS = 5;
  private static final int BATCH = 3;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static RecurrentSpec language(int embedding, boolean tied, Integer... units) {
    return new RecurrentSpec(
        7,
        true,
        embedding,
        List.of(units),
        7,
        tied,
        true,
        true,
        0.3,
        DType.FLOAT64,
        EgruOptions.defaults().withoutEvents().zoneout(0.2));
  }

  private static void load(Unroll pass, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    if (pass.tokens() != null) {
      pass.tokens().copyFrom(random.ints(STEPS * BATCH, 0, 7).toArray());
    } else {
      pass.inputs().copyFrom(random.doubles(pass.inputs().length(), -1, 1).toArray());
    }
    pass.labels().copyFrom(random.ints(pass.labels().length(), 0, 4).toArray());
  }

  private static double loss(Unroll pass, List<EgruState> initial) {
    load(pass, 5);
    pass.forward(initial, null, 11);
    pass.loss(1);
    return Arrays.stream(pass.losses().toDoubles()).sum();
  }

  private static void gradientsAreDifferencesOfTheLoss(RecurrentSpec spec, Dropouts dropouts) {
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = RecurrentNetwork.build(java, spec, 3);
        EgruState state = EgruState.zeros(java, DType.FLOAT64, BATCH, spec.units().get(0));
        Unroll pass = Unroll.training(network, STEPS, BATCH, dropouts)) {
      double[] start = new SplittableRandom(2).doubles(state.y().length(), -1, 1).toArray();
      state.y().copyFrom(start);
      state.h().copyFrom(start);
      List<EgruState> initial = spec.layers() == 1 ? List.of(state) : null;
      loss(pass, initial);
      network.zeroGradients();
      pass.backward(ActivityTarget.OFF);
      for (Parameter p : network.parameters()) {
        double[] gradient = p.gradient().toDoubles();
        double[] values = p.value().toDoubles();
        for (int k = 0; k < values.length; k += 1 + values.length / 20) {
          double step = 1e-5;
          double[] moved = values.clone();
          moved[k] = values[k] + step;
          p.value().copyFrom(moved);
          double above = loss(pass, initial);
          moved[k] = values[k] - step;
          p.value().copyFrom(moved);
          double below = loss(pass, initial);
          p.value().copyFrom(values);
          assertThat(gradient[k])
              .as(p.name() + "[" + k + "]")
              .isCloseTo((above - below) / (2 * step), within(1e-6));
        }
      }
    }
  }

  @Test
  void gradientsOfTokensThatSelectInputWeightsAreExact() {
    gradientsAreDifferencesOfTheLoss(language(0, false, 6), new Dropouts(0, 0, 0, 0.3, 0.4));
  }

  @Test
  void gradientsOfTiedEmbeddingsUnderAllDropoutsAreExact() {
    gradientsAreDifferencesOfTheLoss(
        language(5, true, 6, 5), new Dropouts(0.3, 0.2, 0.3, 0.2, 0.4));
  }

  @Test
  void gradientsOfSequencesReadOutAtTheirEndAreExact() {
    RecurrentSpec spec =
        new RecurrentSpec(
            3,
            false,
            0,
            List.of(4, 5),
            4,
            false,
            false,
            true,
            0.3,
            DType.FLOAT64,
            EgruOptions.defaults().withoutEvents());
    gradientsAreDifferencesOfTheLoss(spec, new Dropouts(0, 0, 0.3, 0.2, 0.2));
  }

  @Test
  void thresholdsHaveTheMeanThatWasAskedFor() {
    try (Backend java = Backends.open("java");
        RecurrentNetwork network = RecurrentNetwork.build(java, language(0, false, 4000), 1)) {
      double[] thresholds = network.arrays().get("layer0.thresholds").toDoubles();
      // Beta(9/7, 3) has deviation 0.199.
      assertThat(Arrays.stream(thresholds).average().orElseThrow()).isCloseTo(0.3, within(0.01));
      assertThat(Arrays.stream(thresholds).map(t -> (t - 0.3) * (t - 0.3)).average().orElseThrow())
          .isCloseTo(0.0397, within(0.003));
    }
  }
}
