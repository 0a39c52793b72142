package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.ArraySequences;
import io.tacet.data.YinYang;
import io.tacet.dense.Activation;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.TrainingOptions;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.optim.OptimizerSpec;
import io.tacet.optim.Sgd;
import io.tacet.plasticity.Oja;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Local plasticity, fixed parameters, streams in their order, and rewards. */
class PlasticityTrainingTest {
  private static final int CHANNELS = 6;
  private static final int SAMPLES = 12;
  private static final String INPUT = "layer0.inputWeights";
  private static final Oja RULE = Oja.rate(0.02);

  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** Sequences of one step with a reward each. */
  private static ArraySequences data() {
    SplittableRandom random = new SplittableRandom(5);
    float[] inputs = new float[SAMPLES * CHANNELS];
    for (int k = 0; k < inputs.length; k++) {
      inputs[k] = (float) random.nextDouble(-1, 1);
    }
    float[] rewards = new float[SAMPLES];
    for (int k = 0; k < SAMPLES; k++) {
      rewards[k] = k - 6;
    }
    return ArraySequences.regression("rewards", inputs, 1, CHANNELS, rewards, 1);
  }

  private static Network network(Backend backend) {
    return Network.on(backend).sequence(CHANNELS).dense(9, Activation.RELU).readout(1).build(3);
  }

  private static Training training(Network network, OptimizerSpec optimizer) {
    return Training.of(network)
        .loss(new ExpectedReward())
        .optimizer(optimizer)
        .batch(1)
        .inOrder()
        .epochs(2);
  }

  private static double[] weights(Network network) {
    return network.arrays().get(INPUT).toDoubles();
  }

  /** One sample after the other, each trained by itself, then the rule on what it left. */
  private static double[] byHand(OptimizerSpec optimizer, Oja rule) throws IOException {
    ArraySequences data = data();
    try (Backend java = Backends.open("java");
        Network network = network(java);
        DeviceArray sample = java.allocate(DType.FLOAT32, 1, CHANNELS)) {
      for (int epoch = 0; epoch < 2; epoch++) {
        for (int k = 0; k < SAMPLES; k++) {
          training(network, optimizer).epochs(1).run(data.select("one", new int[] {k}), null);
          float[] inputs = new float[CHANNELS];
          data.fill(k, inputs, 1, 0);
          rule.apply(network.arrays().get(INPUT), sample.copyFrom(inputs));
        }
      }
      return weights(network);
    }
  }

  @Test
  void theRuleFollowsEachUpdateBitForBit() throws IOException {
    for (Oja rule : List.of(RULE, RULE.inputs(4, 2))) {
      for (OptimizerSpec optimizer : List.of(Sgd.rate(0.1), Sgd.rate(0.1).weightDecay(0.01))) {
        try (Backend java = Backends.open("java");
            Network network = network(java)) {
          training(network, optimizer).plasticity(rule).run(data(), null);
          assertThat(weights(network)).isEqualTo(byHand(optimizer, rule));
        }
      }
    }
  }

  @Test
  void ofABatchTheRuleTakesTheMean() throws IOException {
    ArraySequences data = data();
    try (Backend java = Backends.open("java");
        Network network = network(java);
        Network other = network(java);
        DeviceArray all = java.allocate(DType.FLOAT32, SAMPLES, CHANNELS)) {
      training(network, Sgd.rate(0.1)).batch(SAMPLES).epochs(1).plasticity(RULE).run(data, null);
      training(other, Sgd.rate(0.1)).batch(SAMPLES).epochs(1).run(data, null);
      float[] inputs = new float[SAMPLES * CHANNELS];
      for (int k = 0; k < SAMPLES; k++) {
        data.fill(k, inputs, SAMPLES, k);
      }
      RULE.apply(other.arrays().get(INPUT), all.copyFrom(inputs));
      assertThat(weights(network)).isEqualTo(weights(other));
    }
  }

  @Test
  void fixedWeightsChangeByTheRuleAlone() throws IOException {
    try (Backend java = Backends.open("java");
        Network network = network(java)) {
      double[] before = weights(network);
      training(network, Sgd.rate(0.1)).fixed(INPUT, "layer0.bias").run(data(), null);
      assertThat(weights(network)).isEqualTo(before);
      assertThat(network.arrays().get("layer0.bias").toDoubles()).containsOnly(0);
      assertThat(network.arrays().get("readout.bias").toDoubles()).doesNotContain(0);
      training(network, Sgd.rate(0.1)).fixed(INPUT).plasticity(RULE).run(data(), null);
      assertThat(weights(network)).isNotEqualTo(before);
    }
  }

  @Test
  void aTrainingWithTheRuleContinuesBitForBit() throws IOException {
    for (OptimizerSpec optimizer : List.of(Sgd.rate(0.1), Adam.rate(0.01))) {
      double[] expected;
      Path file = folder.resolve("checkpoint.tacet");
      try (Backend java = Backends.open("java");
          Network whole = network(java);
          Network first = network(java)) {
        training(whole, optimizer).fixed("layer0.bias").plasticity(RULE).run(data(), null);
        expected = weights(whole);
        AtomicBoolean stop = new AtomicBoolean();
        TrainingListener listener =
            new TrainingListener() {
              @Override
              public void batch(
                  int epoch, int batch, int count, double loss, double accuracy, double activity) {
                stop.set(epoch == 2 && batch == 5);
              }
            };
        History history =
            training(first, optimizer)
                .fixed("layer0.bias")
                .plasticity(RULE)
                .checkpoint(file)
                .stopWhen(stop)
                .listener(listener)
                .run(data(), null);
        assertThat(history.finished()).isFalse();
        assertThat(weights(first)).isNotEqualTo(expected);
      }
      ModelFile saved = ModelFile.read(file);
      try (Backend java = Backends.open("java");
          Network rest = Network.read(java, saved, file, null)) {
        training(rest, optimizer)
            .fixed("layer0.bias")
            .plasticity(RULE)
            .resume(saved)
            .run(data(), null);
        assertThat(weights(rest)).isEqualTo(expected);
      }
    }
  }

  @Test
  void samplesInOrderComeInThatOrderAndOthersInADrawnOne() throws IOException {
    List<Float> seen = new ArrayList<>();
    Loss watching =
        pass -> {
          seen.add(pass.targets()[0]);
          new ExpectedReward().evaluate(pass);
        };
    List<Float> twice = new ArrayList<>();
    for (int k = 0; k < 2 * SAMPLES; k++) {
      twice.add((float) (k % SAMPLES - 6));
    }
    try (Backend java = Backends.open("java");
        Network network = network(java)) {
      training(network, Sgd.rate(0.1)).loss(watching).run(data(), null);
      assertThat(seen).isEqualTo(twice);
      seen.clear();
      Training.of(network).loss(watching).batch(1).epochs(2).run(data(), null);
      assertThat(seen).isNotEqualTo(twice).hasSameElementsAs(twice);
    }
  }

  @Test
  void theErrorsOfRewardsAreDifferencesOfTheLoss() {
    float[] rewards = {2, -1, 0};
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java).precision(DType.FLOAT64).sequence(2).readoutOfLastStep(1).build(1);
        Pass pass = new Pass(network, PassShape.steps(3, 1, TrainingOptions.PLAIN))) {
      pass.inputSteps().copyFrom(new double[] {0.1, 0.5, -0.3, 0.2, 0.9, -0.7});
      pass.target(rewards);
      double[] errors = new double[3];
      double step = 1e-6;
      for (int k = 0; k < 3; k++) {
        pass.forward();
        new ExpectedReward().evaluate(pass);
        errors[k] = pass.valueErrors().toDoubles()[k];
        double high = loss(pass, k, step);
        double low = loss(pass, k, -step);
        assertThat(errors[k]).isCloseTo((high - low) / (2 * step), within(1e-9));
      }
      assertThat(errors[0]).isNegative();
      assertThat(errors[1]).isPositive();
      assertThat(errors[2]).isZero();
    }
  }

  /** Mean loss with one value moved. */
  private static double loss(Pass pass, int moved, double by) {
    pass.forward();
    double[] values = pass.values().toDoubles();
    values[moved] += by;
    pass.values().copyFrom(values);
    new ExpectedReward().evaluate(pass);
    double sum = 0;
    for (double loss : pass.losses().toDoubles()) {
      sum += loss / values.length;
    }
    return sum;
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Lif lif = Lif.tau(20, 5);
    try (Backend java = Backends.open("java");
        Backend other = Backends.open("java");
        Network dense = network(java);
        Network sparse =
            Network.on(java)
                .sequence(CHANNELS)
                .dense(9, Activation.RELU, Connection.sparse(0.5))
                .readout(1)
                .build(1);
        Network spikes =
            Network.on(java)
                .spikes(YinYang.SOURCES)
                .lif(YinYang.CLASSES, lif, Weights.normal(2, 1))
                .build(1)) {
      refused(training(dense, Sgd.rate(1)).fixed("bias"), "fixed", "'bias'", "layer0.bias");
      refused(training(sparse, Sgd.rate(1)).plasticity(RULE), "plasticity", "all its synapses");
      refused(training(dense, Sgd.rate(1)).plasticity(RULE.inputs(5, 2)), "inputs", "below 6");
      refused(training(dense, Sgd.rate(1)).plasticity(RULE).devices(other), "one device");
      assertThatThrownBy(() -> Training.of(spikes).plasticity(RULE).run(YinYang.train(), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("plasticity", ".dense(...)", "lif");
    }
  }

  private static void refused(Training training, String... words) {
    assertThatThrownBy(() -> training.run(data(), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }
}
