package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.data.Sequences;
import io.tacet.dense.Activation;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.Weights;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Noise on the inputs of a training. */
class InputNoiseTest {
  private static final int SAMPLES = 64;
  private static final int STEPS = 25;
  private static final int CHANNELS = 4;

  private static ArraySequences ones() {
    float[] values = new float[SAMPLES * STEPS * CHANNELS];
    Arrays.fill(values, 1);
    return ArraySequences.of("ones", values, STEPS, CHANNELS, new int[SAMPLES], 2);
  }

  /** Inputs of the batches of a training of two epochs. */
  private static List<float[]> inputs(double noise, long seed) throws IOException {
    List<float[]> inputs = new ArrayList<>();
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .sequence(CHANNELS)
                .rnn(3, Activation.TANH)
                .readoutOfLastStep(2)
                .build(1)) {
      Training.of(network)
          .epochs(2)
          .batch(32)
          .seed(seed)
          .inputNoise(noise)
          .regulariser(
              new Regulariser() {
                @Override
                public void apply(Pass pass) {
                  inputs.add(pass.inputSteps().toFloats());
                }
              })
          .run(ones(), null);
    }
    return inputs;
  }

  @Test
  void noiseIsNormalAndDrawnAnewForEachBatch() throws IOException {
    List<float[]> inputs = inputs(0.05, 3);
    assertThat(inputs).hasSize(4);
    for (float[] batch : inputs) {
      double sum = 0;
      double squares = 0;
      for (float x : batch) {
        sum += x - 1;
        squares += (x - 1) * (x - 1);
      }
      assertThat(sum / batch.length).isCloseTo(0, within(0.004));
      assertThat(Math.sqrt(squares / batch.length)).isCloseTo(0.05, within(0.003));
    }
    assertThat(inputs.get(0)).isNotEqualTo(inputs.get(1));
    assertThat(inputs.get(0)).isNotEqualTo(inputs.get(2));
  }

  @Test
  void noiseFollowsFromTheSeed() throws IOException {
    assertThat(inputs(0.05, 3).get(3)).isEqualTo(inputs(0.05, 3).get(3));
    assertThat(inputs(0.05, 3).get(3)).isNotEqualTo(inputs(0.05, 4).get(3));
    assertThat(inputs(0, 3).get(3)).containsOnly(1);
  }

  @Test
  void noiseOnEventTimesIsRefused() {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .spikes(Sequences.SOURCES)
                .lif(Sequences.CLASSES, Lif.tau(20, 5), Weights.normal(3, 1))
                .build(1)) {
      Training training = Training.of(network).epochs(1).inputNoise(0.1);
      assertThatThrownBy(() -> training.run(Sequences.generate("spikes", 4, 1), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("inputNoise");
      assertThatThrownBy(() -> training.inputNoise(-1)).hasMessageContainingAll("inputNoise", "-1");
    }
  }

  @Test
  void dropoutOfEventsWhereThereAreNoneIsRefused() {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .sequence(CHANNELS)
                .rnn(3, Activation.TANH)
                .readoutOfLastStep(2)
                .build(1)) {
      assertThatThrownBy(() -> Training.of(network).inputDropout(0.1).run(ones(), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("inputDropout: expected event times");
    }
  }
}
