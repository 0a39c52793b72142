package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.data.Fingerprint;
import io.tacet.dense.Activation;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.Prediction;
import io.tacet.network.TrainingOptions;
import io.tacet.optim.Adam;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Networks that are trained on targets. */
class RegressionTest {
  private static final int STEPS = 8;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static float[] inputs(int samples, long seed) {
    float[] x = new float[samples * STEPS];
    SplittableRandom random = new SplittableRandom(seed);
    for (int k = 0; k < x.length; k++) {
      x[k] = (float) random.nextDouble(-1, 1);
    }
    return x;
  }

  /** The running mean, at every step or at the end, and its negative. */
  private static ArraySequences means(int samples, long seed, boolean everyStep) {
    float[] x = inputs(samples, seed);
    int rows = everyStep ? STEPS : 1;
    float[] targets = new float[samples * rows * 2];
    for (int i = 0; i < samples; i++) {
      float sum = 0;
      for (int t = 0; t < STEPS; t++) {
        sum += x[i * STEPS + t];
        int row = everyStep ? i * STEPS + t : i;
        targets[2 * row] = sum / STEPS;
        targets[2 * row + 1] = -sum / STEPS;
      }
    }
    return ArraySequences.regression("means", x, STEPS, 1, targets, 2);
  }

  private static Network network(Backend backend, boolean everyStep) {
    var builder = Network.on(backend).sequence(1).rnn(16, Activation.TANH);
    return (everyStep ? builder.readoutOfEveryStep(2) : builder.readout(2)).build(1);
  }

  @Test
  void runningMeansAreLearnedAtTheEndAndAtEveryStep() throws IOException {
    for (boolean everyStep : new boolean[] {false, true}) {
      ArraySequences test = means(50, 2, everyStep);
      try (Backend java = Backends.open("java");
          Network network = network(java, everyStep)) {
        History history =
            Training.of(network)
                .optimizer(Adam.rate(1e-2))
                .epochs(15)
                .run(means(200, 1, everyStep), test);
        assertThat(history.last().testLoss()).isLessThan(2e-3);
        assertThat(history.last().testAccuracy()).isNaN();
        Evaluation again = Evaluation.of(network, new MeanSquaredError(), test);
        assertThat(again.loss()).isEqualTo(history.last().testLoss());
        assertThat(again.predicted()).isEmpty();
        Prediction predicted = network.predict(test);
        int rows = everyStep ? STEPS : 1;
        float[] targets = new float[2 * rows];
        double sum = 0;
        for (int i = 0; i < test.size(); i++) {
          test.fillTargets(i, targets, 1, 0);
          assertThat(predicted.scores()[i]).hasSize(2 * rows);
          for (int k = 0; k < targets.length; k++) {
            sum += Math.pow(predicted.scores()[i][k] - targets[k], 2) / targets.length;
          }
        }
        assertThat(sum / test.size()).isCloseTo(again.loss(), within(1e-6));
      }
    }
  }

  @Test
  void theErrorsAreTheDerivativeOfTheMeanLoss() {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .precision(DType.FLOAT64)
                .sequence(1)
                .dense(3, Activation.TANH)
                .readoutOfEveryStep(2)
                .build(4);
        Pass pass = new Pass(network, PassShape.steps(2, STEPS, TrainingOptions.PLAIN))) {
      float[] targets = inputs(4, 3);
      targets = Arrays.copyOf(targets, 2 * STEPS * 2);
      double[] bias = network.arrays().get("readout.bias").toDoubles();
      double[] losses = new double[2];
      for (int side = 0; side < 2; side++) {
        bias[1] = side == 0 ? 1e-5 : -1e-5;
        network.arrays().get("readout.bias").copyFrom(bias);
        losses[side] = loss(pass, targets);
      }
      bias[1] = 0;
      network.arrays().get("readout.bias").copyFrom(bias);
      loss(pass, targets);
      network.zeroGradients();
      pass.backward();
      double gradient =
          network.parameters().stream()
              .filter(p -> p.name().equals("readout.bias"))
              .findFirst()
              .orElseThrow()
              .gradient()
              .toDoubles()[1];
      assertThat(gradient).isCloseTo((losses[0] - losses[1]) / 2e-5, within(1e-8));
    }
  }

  private static double loss(Pass pass, float[] targets) {
    double[] x = new double[2 * STEPS];
    Arrays.setAll(x, k -> Math.sin(k));
    pass.inputSteps().copyFrom(x);
    pass.target(targets);
    pass.forward();
    new MeanSquaredError().evaluate(pass);
    return Arrays.stream(pass.losses().toDoubles()).average().orElseThrow();
  }

  @Test
  void aLossWithoutAnswersInTheDataIsRefused() throws IOException {
    ArraySequences labelled =
        ArraySequences.of("labelled", inputs(4, 1), STEPS, 1, new int[] {0, 1, 0, 1}, 2);
    try (Backend java = Backends.open("java");
        Network atEnd = network(java, false);
        Network everyStep = network(java, true)) {
      assertThatThrownBy(
              () -> Training.of(atEnd).loss(new CrossEntropy()).run(means(4, 1, false), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("loss", "CrossEntropy needs", "targets", "MeanSquaredError");
      assertThatThrownBy(() -> Training.of(atEnd).loss(new MeanSquaredError()).run(labelled, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("loss", "MeanSquaredError needs", "labels", "CrossEntropy");
      assertThatThrownBy(() -> Training.of(atEnd).run(means(4, 1, true), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("data", "the end of a sequence", ".readoutOfEveryStep(2)");
      assertThatThrownBy(() -> Training.of(everyStep).run(labelled, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("data", "every step", "a class for each sequence", ".readout(");
    }
  }

  @Test
  void targetsAreCheckedWhereTheyEnter() {
    float[] x = inputs(3, 1);
    assertThatThrownBy(() -> ArraySequences.regression("t", x, STEPS, 1, new float[5], 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("targets", "24 values", "5 targets");
    float[] targets = new float[6];
    targets[3] = Float.NaN;
    assertThatThrownBy(() -> ArraySequences.regression("t", x, STEPS, 1, targets, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("targets", "finite", "NaN", "sample 1, step 0, channel 1");
    float[] others = new float[6];
    others[0] = 1;
    assertThat(Fingerprint.of(ArraySequences.regression("t", x, STEPS, 1, new float[6], 2)))
        .isNotEqualTo(Fingerprint.of(ArraySequences.regression("t", x, STEPS, 1, others, 2)));
  }
}
