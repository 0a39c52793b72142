package io.tacet.network;

import static io.tacet.network.LengthNets.CHANNELS;
import static io.tacet.network.LengthNets.LENGTHS;
import static io.tacet.network.LengthNets.STEPS;
import static io.tacet.network.LengthNets.TOKENS;
import static io.tacet.network.LengthNets.events;
import static io.tacet.network.LengthNets.gradients;
import static io.tacet.network.LengthNets.run;
import static io.tacet.network.LengthNets.same;
import static io.tacet.network.LengthNets.spec;
import static io.tacet.network.LengthNets.training;
import static io.tacet.network.RecurrentNetworks.build;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.LengthNets.Data;
import io.tacet.training.CrossEntropy;
import io.tacet.training.MeanSquaredError;
import io.tacet.training.Regulariser;
import io.tacet.training.Smoothness;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What of a training reads only the steps that sequences of different lengths have. */
class LengthsInTrainingTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  void targetsAfterTheEndsDoNotCount() {
    Data data = new Data(9);
    NetworkSpec spec =
        spec(
            b -> b.sequence(CHANNELS).rnn(5, Activation.TANH).readoutOfEveryStep(2), DType.FLOAT64);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec);
        Pass padded = training(network, 1, STEPS);
        Pass alone = training(network, 1, LENGTHS[0])) {
      float[] targets = new float[2 * STEPS];
      for (int i = 0; i < targets.length; i++) {
        targets[i] = i < 2 * LENGTHS[0] ? i : Float.NaN;
      }
      double[][] gradients = new double[2][];
      double[] losses = new double[2];
      padded.lengths(new int[] {LENGTHS[0]});
      for (Pass pass : List.of(padded, alone)) {
        int k = pass == padded ? 0 : 1;
        network.zeroGradients();
        loadInputs(pass, data);
        pass.target(Arrays.copyOf(targets, 2 * pass.steps()));
        pass.forward();
        new MeanSquaredError().evaluate(pass);
        pass.backward();
        losses[k] = Arrays.stream(pass.losses().toDoubles()).sum() / pass.rows();
        gradients[k] = gradients(network);
      }
      assertThat(losses[0]).isEqualTo(losses[1]).isPositive();
      same(gradients[0], gradients[1], 1e-13);
    }
  }

  private static void loadInputs(Pass pass, Data data) {
    double[] values = new double[pass.steps() * CHANNELS];
    Arrays.fill(values, Double.NaN);
    System.arraycopy(data.inputs[0], 0, values, 0, LENGTHS[0] * CHANNELS);
    pass.inputSteps().copyFrom(values);
  }

  @Test
  void neighboursAreComparedWhereBothAre() {
    Data data = new Data(10);
    Regulariser smoothness = new Smoothness(0, 0.3);
    NetworkSpec spec =
        spec(
            b -> b.sequence(CHANNELS).dense(5, Activation.SIGMOID).gru(3).readout(TOKENS),
            DType.FLOAT64);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec);
        Pass pass = training(network, 2, STEPS)) {
      pass.lengths(new int[] {LENGTHS[0], LENGTHS[1]});
      data.load(pass, Double.NaN, 0, 1);
      pass.label(new int[] {-1, -1});
      pass.forward();
      new CrossEntropy().evaluate(pass);
      smoothness.apply(pass);
      network.zeroGradients();
      pass.backward();
      double gradient = network.parameters().get(1).gradient().toDoubles()[0];
      DeviceArray bias = network.parameters().get(1).value();
      double[] values = bias.toDoubles();
      double[] moved = values.clone();
      double[] costs = new double[2];
      for (int k = 0; k < 2; k++) {
        moved[0] = values[0] + (k == 0 ? 1e-5 : -1e-5);
        bias.copyFrom(moved);
        data.load(pass, Double.NaN, 0, 1);
        pass.label(new int[] {-1, -1});
        pass.forward();
        double[] sent = pass.activity(0).values().toDoubles();
        for (int t = 0; t < LENGTHS[0]; t++) {
          for (int m = 0; m < 5; m++) {
            double apart = sent[10 * t + m] - sent[10 * t + 5 + m];
            costs[k] += 0.15 * apart * apart / (LENGTHS[0] + LENGTHS[1]);
          }
        }
      }
      assertThat(gradient).isNotZero().isCloseTo((costs[0] - costs[1]) / 2e-5, within(1e-9));
    }
  }

  @Test
  void activityAndSparsityAreOfTheStepsThatThereAre() {
    NetworkSpec spec = spec(b -> b.sequence(CHANNELS).egru(30, events()).readout(3), DType.FLOAT64);
    Data data = new Data(12);
    try (Backend java = Backends.open("java");
        Network network = build(java, spec);
        Pass padded = training(network, 1, STEPS);
        Pass alone = training(network, 1, LENGTHS[0])) {
      padded.lengths(new int[] {LENGTHS[0]});
      data.load(padded, Double.NaN, 0);
      data.load(alone, 0, 0);
      run(padded, false);
      run(alone, false);
      assertThat(padded.backwardSparsity()).isPositive().isEqualTo(alone.backwardSparsity());
      double[] steps = padded.activityBySteps().get(0);
      assertThat(Arrays.copyOf(steps, LENGTHS[0])).isEqualTo(alone.activityBySteps().get(0));
      assertThat(Arrays.stream(steps).skip(LENGTHS[0]).sum()).isZero();
    }
  }

  @Test
  void lengthsThatAreNoneAreRefused() {
    try (Backend java = Backends.open("java");
        Network network =
            build(java, spec(b -> b.sequence(CHANNELS).gru(3).readout(2), DType.FLOAT32));
        Network spiking =
            build(
                java,
                spec(
                    b -> b.duration(10).spikes(3).lif(2, Lif.tau(20, 5), Weights.normal(1, 1)),
                    DType.FLOAT32));
        Pass pass = training(network, 2, STEPS);
        Pass events = new Pass(spiking, PassShape.events(2, 4, null))) {
      refused(pass, "lengths: expected 2, one for each sample, got 1", 3);
      refused(pass, "lengths: expected 1 to 12, the steps of the pass, got 0 for sample 1", 3, 0);
      refused(pass, "lengths: expected 1 to 12, the steps of the pass, got 13 for sample 0", 13, 1);
      refused(events, "lengths: expected none for event times", 3, 3);
      assertThat(pass.lengths()).isNull();
    }
  }

  private static void refused(Pass pass, String message, int... lengths) {
    assertThatThrownBy(() -> pass.lengths(lengths))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
