package io.tacet.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.translate.TranslateException;
import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import io.tacet.optim.Adam;
import io.tacet.training.CrossEntropy;
import io.tacet.training.History;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Data sets of DJL as data of a training. */
class DjlSequencesTest {
  private static final int SAMPLES = 300;
  private static final int STEPS = 4;
  private static final int CHANNELS = 2;

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void nothingLeaks() {
    manager.close();
    assertThat(Leaks.open()).isZero();
  }

  /** The class is the sign of the sum of the first channel. */
  private ArrayDataset signs(float[] values, NDArray labels)
      throws IOException, TranslateException {
    ArrayDataset data =
        new ArrayDataset.Builder()
            .setData(manager.create(values, new Shape(SAMPLES, STEPS, CHANNELS)))
            .optLabels(labels)
            .setSampling(64, true)
            .build();
    data.prepare();
    return data;
  }

  private static float[] values() {
    SplittableRandom random = new SplittableRandom(5);
    float[] values = new float[SAMPLES * STEPS * CHANNELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static int[] classes(float[] values) {
    int[] classes = new int[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      double sum = 0;
      for (int t = 0; t < STEPS; t++) {
        sum += values[(i * STEPS + t) * CHANNELS];
      }
      classes[i] = sum > 0 ? 1 : 0;
    }
    return classes;
  }

  @Test
  void samplesAreInTheOrderOfTheDataSetThoughItShuffles() throws IOException, TranslateException {
    float[] values = values();
    int[] classes = classes(values);
    ArraySequences data =
        DjlSequences.read("signs", signs(values, manager.create(classes)), STEPS, CHANNELS, 2);
    assertThat(data.size()).isEqualTo(SAMPLES);
    float[] sample = new float[STEPS * CHANNELS];
    for (int i = 0; i < SAMPLES; i++) {
      assertThat(data.label(i)).isEqualTo(classes[i]);
      data.fill(i, sample, 1, 0);
      assertThat(sample)
          .isEqualTo(Arrays.copyOfRange(values, i * sample.length, (i + 1) * sample.length));
    }
  }

  @Test
  void aNetworkLearnsADataSetOfDjl() throws IOException, TranslateException {
    float[] values = values();
    ArraySequences data =
        DjlSequences.read(
            "signs", signs(values, manager.create(classes(values))), STEPS, CHANNELS, 2);
    try (Backend backend = Backends.open("java");
        Network network =
            Network.on(backend).sequence(CHANNELS).gru(8).readoutOfLastStep(2).build(1)) {
      History history =
          Training.of(network)
              .loss(new CrossEntropy())
              .optimizer(Adam.rate(1e-2))
              .epochs(15)
              .batch(30)
              .run(data, data);
      assertThat(history.testAccuracy()).isGreaterThan(0.9);
    }
  }

  @Test
  void targetsAreReadToo() throws IOException, TranslateException {
    float[] values = values();
    NDArray targets = manager.create(values, new Shape(SAMPLES, STEPS, CHANNELS)).mul(2);
    ArraySequences data =
        DjlSequences.regression("doubled", signs(values, targets), STEPS, CHANNELS, CHANNELS, true);
    assertThat(data.targetsAtEveryStep()).isTrue();
    float[] target = new float[STEPS * CHANNELS];
    data.fillTargets(7, target, 1, 0);
    assertThat(target[3]).isEqualTo(2 * values[7 * STEPS * CHANNELS + 3]);
  }

  @Test
  void samplesOfAnotherSizeAndLabelsThatAreNoClassesAreRefused()
      throws IOException, TranslateException {
    float[] values = values();
    ArrayDataset data = signs(values, manager.create(classes(values)));
    assertThatThrownBy(() -> DjlSequences.read("signs", data, STEPS, 3, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("data: expected 12 numbers for each of 256 samples")
        .hasMessageContaining("[256, 4, 2]");
    ArrayDataset half = signs(values, manager.ones(new Shape(SAMPLES)).mul(0.5));
    assertThatThrownBy(() -> DjlSequences.read("signs", half, STEPS, CHANNELS, 2))
        .hasMessageContaining("labels: expected the number of a class for sample 0, got 0.5");
  }
}
