package io.tacet.training;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.data.Fingerprint;
import io.tacet.dense.Activation;
import io.tacet.memory.Leaks;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Prediction;
import io.tacet.optim.Adam;
import io.tacet.optim.Parameter;
import io.tacet.optim.Sgd;
import io.tacet.plasticity.Oja;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Trainings on sequences of different lengths. */
class LengthsTrainingTest {
  private static final int STEPS = 9;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static int[] lengths(int samples, long seed) {
    return new SplittableRandom(seed).ints(samples, 1, STEPS + 1).toArray();
  }

  private static float[] values(int samples, long seed, int[] lengths) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[samples * STEPS];
    for (int k = 0; k < values.length; k++) {
      float drawn = (float) random.nextDouble(-1, 1);
      values[k] = k % STEPS < lengths[k / STEPS] ? drawn : Float.NaN;
    }
    return values;
  }

  /** The class is the sign of the last value. */
  private static ArraySequences signs(int samples, long seed) {
    int[] lengths = lengths(samples, seed);
    float[] values = values(samples, seed, lengths);
    int[] classes = new int[samples];
    Arrays.setAll(classes, i -> values[i * STEPS + lengths[i] - 1] > 0 ? 1 : 0);
    return ArraySequences.of("signs", values, STEPS, 1, lengths, classes, 2);
  }

  /** Sums of the values so far. */
  private static ArraySequences sums(int samples, long seed) {
    int[] lengths = lengths(samples, seed);
    float[] values = values(samples, seed, lengths);
    float[] targets = new float[values.length];
    for (int k = 0; k < targets.length; k++) {
      targets[k] = values[k] / STEPS + (k % STEPS == 0 ? 0 : targets[k - 1]);
    }
    return ArraySequences.regression("sums", values, STEPS, 1, lengths, targets, 1);
  }

  @Test
  void theLastStepOfEachSampleIsLearned() throws IOException {
    ArraySequences test = signs(60, 2);
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .sequence(1)
                .egru(8, Egru.defaults().thresholds(0.1).bothDirections())
                .rnn(8, Activation.TANH)
                .readoutOfLastStep(2)
                .build(1)) {
      History history =
          Training.of(network)
              .optimizer(Adam.rate(1e-2))
              .epochs(12)
              .batch(16)
              .inputNoise(0.01)
              .run(signs(240, 1), test);
      assertThat(history.last().testAccuracy()).isGreaterThan(0.9);
      Prediction together = network.predict(test);
      for (int i = 0; i < test.size(); i++) {
        float[] padded = new float[STEPS];
        test.fill(i, padded, 1, 0);
        ArraySequences alone =
            ArraySequences.of(
                "alone",
                Arrays.copyOf(padded, test.length(i)),
                test.length(i),
                1,
                new int[] {0},
                2);
        assertThat(network.predict(alone).scores()[0]).isEqualTo(together.scores()[i]);
      }
    }
  }

  private static double[] trained(UnaryOperator<Training> settings) throws IOException {
    NetworkBuilder layers =
        Network.on(Backends.open("java")).sequence(1).gru(5).readoutOfEveryStep(1);
    try (Network network = layers.build(1);
        Backend java = network.backend()) {
      assertThat(java.name()).isEqualTo("java");
      Training training = Training.of(network).optimizer(Sgd.rate(0.3)).epochs(2).batch(10);
      settings.apply(training).run(sums(25, 1), null);
      return network.parameters().stream()
          .map(Parameter::value)
          .flatMapToDouble(value -> Arrays.stream(value.toDoubles()))
          .toArray();
    }
  }

  @Test
  void sharesOfABatchCountByTheirSteps() throws IOException {
    double[] whole = trained(t -> t.inOrder());
    double[] shares = trained(t -> t.inOrder().shares(3));
    assertClose(shares, whole, 1e-6);
  }

  @Test
  void theLossIsTheMeanOverTheStepsThatThereAre() {
    ArraySequences data = sums(7, 3);
    try (Backend java = Backends.open("java");
        Network network = Network.on(java).sequence(1).gru(4).readoutOfEveryStep(1).build(2)) {
      Prediction predicted = network.predict(data);
      float[] targets = new float[STEPS];
      double sum = 0;
      int steps = 0;
      for (int i = 0; i < data.size(); i++) {
        data.fillTargets(i, targets, 1, 0);
        assertThat(predicted.scores()[i]).hasSize(data.length(i));
        for (int t = 0; t < data.length(i); t++) {
          sum += Math.pow(predicted.scores()[i][t] - targets[t], 2);
          steps++;
        }
      }
      assertThat(Evaluation.of(network, new MeanSquaredError(), data).loss())
          .isCloseTo(sum / steps, within(1e-7));
    }
  }

  @Test
  void lengthsArePartOfWhatAModelKnowsOfItsData() {
    float[] values = new float[2 * STEPS];
    String whole = Fingerprint.of(ArraySequences.of("a", values, STEPS, 1, new int[2], 1));
    int[] lengths = {3, STEPS};
    assertThat(Fingerprint.of(ArraySequences.of("a", values, STEPS, 1, lengths, new int[2], 1)))
        .isNotEqualTo(whole);
    int[] all = {STEPS, STEPS};
    assertThat(Fingerprint.of(ArraySequences.of("a", values, STEPS, 1, all, new int[2], 1)))
        .isEqualTo(whole);
  }

  @Test
  void plasticityThatWouldSeePaddingIsRefused() {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java).sequence(1).dense(4, Activation.TANH).readoutOfLastStep(2).build(1)) {
      assertThatThrownBy(
              () -> Training.of(network).plasticity(Oja.rate(0.1)).run(signs(8, 1), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("plasticity", "equal length", "signs");
    }
  }

  @Test
  void lengthsThatAreNoneAreRefused() {
    refused(new int[] {1}, "one for each of 2 samples, got 1");
    refused(new int[] {1, 0}, "expected 1 to 9, got 0 for sample 1");
    refused(new int[] {10, 1}, "expected 1 to 9, got 10 for sample 0");
    float[] bad = new float[2 * STEPS];
    bad[2] = Float.NaN;
    assertThat(ArraySequences.of("a", bad, STEPS, 1, new int[] {2, 1}, new int[2], 1).length(0))
        .isEqualTo(2);
    assertThatThrownBy(() -> ArraySequences.of("a", bad, STEPS, 1, new int[] {3, 1}, new int[2], 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got NaN in sample 0, step 2, channel 0");
  }

  private static void refused(int[] lengths, String message) {
    assertThatThrownBy(
            () -> ArraySequences.of("a", new float[2 * STEPS], STEPS, 1, lengths, new int[2], 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
