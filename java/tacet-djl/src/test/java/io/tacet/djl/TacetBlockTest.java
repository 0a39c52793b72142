package io.tacet.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.memory.Leaks;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A network as a block and a model of DJL. */
class TacetBlockTest {
  private static final int STEPS = 5;
  private static final int CHANNELS = 3;
  private static final int SAMPLES = 4;

  private final Backend backend = Backends.open("java");
  private final NDManager manager = NDManager.newBaseManager();
  private final float[] values = values();

  private static float[] values() {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[SAMPLES * STEPS * CHANNELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @AfterEach
  void nothingLeaks() {
    manager.close();
    backend.close();
    assertThat(Leaks.open()).isZero();
  }

  private Network network() {
    return Network.on(backend).sequence(CHANNELS).gru(8).readoutOfLastStep(2).build(1);
  }

  private double[][] expected(Network network) {
    return network
        .predict(ArraySequences.of("samples", values, STEPS, CHANNELS, new int[SAMPLES], 2))
        .scores();
  }

  private static float[] sample(float[] all, int i) {
    return Arrays.copyOfRange(all, i * STEPS * CHANNELS, (i + 1) * STEPS * CHANNELS);
  }

  /** Numbers of a sample to scores. */
  private static final class Numbers implements Translator<float[], float[]> {
    @Override
    public NDList processInput(TranslatorContext context, float[] input) {
      return new NDList(context.getNDManager().create(input, new Shape(STEPS, CHANNELS)));
    }

    @Override
    public float[] processOutput(TranslatorContext context, NDList list) {
      return list.singletonOrThrow().toFloatArray();
    }
  }

  @Test
  void aPredictorSaysWhatTheNetworkSays() throws TranslateException {
    try (Network network = network();
        ZooModel<float[], float[]> model = DjlModels.of("gru", network, new Numbers());
        Predictor<float[], float[]> predictor = model.newPredictor()) {
      double[][] expected = expected(network);
      List<float[]> inputs = new ArrayList<>();
      for (int i = 0; i < SAMPLES; i++) {
        inputs.add(sample(values, i));
      }
      List<float[]> all = predictor.batchPredict(inputs);
      for (int i = 0; i < SAMPLES; i++) {
        float[] alone = predictor.predict(inputs.get(i));
        for (int k = 0; k < 2; k++) {
          assertThat(all.get(i)[k]).isEqualTo((float) expected[i][k], within(1e-6f));
          assertThat(alone[k]).isEqualTo((float) expected[i][k], within(1e-6f));
        }
      }
    }
  }

  @Test
  void valuesOfEveryStepAreOrderedBySample() throws TranslateException {
    try (Network network =
            Network.on(backend).sequence(CHANNELS).gru(8).readoutOfEveryStep(2).build(1);
        Model model = DjlModels.of("gru", network);
        Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
      double[][] expected =
          network
              .predict(
                  ArraySequences.regression(
                      "samples", values, STEPS, CHANNELS, new float[SAMPLES * STEPS * 2], 2))
              .scores();
      NDArray x = manager.create(values, new Shape(SAMPLES, STEPS, CHANNELS));
      NDArray y = predictor.predict(new NDList(x)).singletonOrThrow();
      assertThat(y.getShape()).isEqualTo(new Shape(SAMPLES, STEPS, 2));
      float[] numbers = y.toFloatArray();
      for (int i = 0; i < SAMPLES; i++) {
        for (int k = 0; k < STEPS * 2; k++) {
          assertThat(numbers[i * STEPS * 2 + k]).isEqualTo((float) expected[i][k], within(1e-6f));
        }
      }
    }
  }

  @Test
  void whatTheNetworkDoesNotTakeIsRefused() {
    ParameterStore store = new ParameterStore(manager, false);
    try (Network network = network();
        TacetBlock block = new TacetBlock(network)) {
      NDList flat = new NDList(manager.zeros(new Shape(SAMPLES, STEPS)));
      assertThatThrownBy(() -> block.forward(store, flat, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("input: expected [batch][steps][3]")
          .hasMessageContaining("got [4, 5]");
      NDList x = new NDList(manager.zeros(new Shape(SAMPLES, STEPS, CHANNELS)));
      assertThatThrownBy(() -> block.forward(store, x, true))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("training: expected inference");
      assertThatThrownBy(() -> block.saveParameters(null))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("Network.save(file)");
      assertThat(block.getOutputShapes(new Shape[] {new Shape(7, STEPS, CHANNELS)}))
          .containsExactly(new Shape(7, 2));
    }
    try (Network spikes =
        Network.on(backend).spikes(3).lif(2, Lif.tau(20, 5), Weights.normal(1, 0.1)).build(1)) {
      assertThatThrownBy(() -> new TacetBlock(spikes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("network: expected one from .sequence(channels) to a read-out");
    }
  }

  @Test
  void aClosedBlockIsAnError() {
    try (Network network = network()) {
      TacetBlock block = new TacetBlock(network);
      block.close();
      block.close();
      NDList x = new NDList(manager.zeros(new Shape(SAMPLES, STEPS, CHANNELS)));
      assertThatThrownBy(() -> block.forward(new ParameterStore(manager, false), x, false))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }
}
