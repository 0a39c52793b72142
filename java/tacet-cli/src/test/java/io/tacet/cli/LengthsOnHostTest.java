package io.tacet.cli;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.cuda.HostExecution;
import io.tacet.cuda.HostExecution.Schedule;
import io.tacet.cuda.NativeBackend;
import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Dropouts;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.TapeKind;
import io.tacet.network.TrainingOptions;
import io.tacet.optim.Parameter;
import io.tacet.training.CrossEntropy;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sequences of different lengths on a native backend, against the java backend. */
@Timeout(120)
class LengthsOnHostTest {
  private static final int STEPS = 6;
  private static final int CHANNELS = 3;
  private static final int OUTPUTS = 3;
  private static final int[] LENGTHS = {3, 6, 1, 4};

  private static List<UnaryOperator<NetworkBuilder>> networks() {
    Egru events = Egru.defaults().thresholds(0.1);
    return List.of(
        b -> b.egru(6, events).rnn(5, Activation.TANH).readoutOfLastStep(OUTPUTS),
        b -> b.egru(6, events, Connection.sparse(0.5), Connection.sparse(0.5)).readout(OUTPUTS),
        b -> b.gru(5).rnn(6, Activation.SIGMOID).readoutOfEveryStep(OUTPUTS),
        b ->
            b.dense(5, Activation.SIGMOID)
                .egru(40, events.bothDirections())
                .egru(5, events.bothDirections())
                .readout(OUTPUTS));
  }

  /** Values, and the gradients of all parameters one after the other. */
  private record Result(double[] values, double[] gradients) {}

  private static Result run(Network network, int segment, double padding, int... samples) {
    int batch = samples.length;
    int steps = batch == 1 ? LENGTHS[samples[0]] : STEPS;
    TrainingOptions options = new TrainingOptions(Dropouts.OFF, TapeKind.FULL, segment);
    try (Pass pass = new Pass(network, PassShape.steps(batch, steps, options))) {
      float[] inputs = new float[steps * batch * CHANNELS];
      for (int k = 0; k < inputs.length; k++) {
        int row = k / CHANNELS;
        int sample = samples[row % batch];
        SplittableRandom random =
            new SplittableRandom(1000L * sample + 10L * (row / batch) + k % CHANNELS);
        boolean within = row / batch < LENGTHS[sample];
        inputs[k] = within ? (float) random.nextDouble(-2, 2) : (float) padding;
      }
      pass.inputSteps().copyFrom(inputs);
      if (batch > 1) {
        pass.lengths(LENGTHS);
      }
      int[] labels = new int[Math.toIntExact(pass.labels().length())];
      Arrays.setAll(labels, k -> samples[k % batch] % OUTPUTS);
      pass.label(labels);
      network.zeroGradients();
      pass.forward(1);
      double[] values = pass.values().toDoubles();
      new CrossEntropy().evaluate(pass);
      pass.backward();
      return new Result(
          values,
          network.parameters().stream()
              .map(Parameter::gradient)
              .map(DeviceArray::toDoubles)
              .flatMapToDouble(Arrays::stream)
              .toArray());
    }
  }

  @Test
  void everySampleIsWhatItIsAloneAndOnTheJavaBackend() {
    for (UnaryOperator<NetworkBuilder> layers : networks()) {
      NetworkSpec spec = layers.apply(NetworkSpec.builder().sequence(CHANNELS)).spec();
      boolean segments = !spec.readsEveryStep() && !spec.layers().get(0).seesLaterSteps();
      segments &= spec.layers().stream().noneMatch(layer -> layer.seesLaterSteps());
      Result reference;
      try (Backend java = Backends.open("java");
          Network network = Network.build(java, spec, 3)) {
        reference = run(network, 0, Double.NaN, 0, 1, 2, 3);
      }
      for (Schedule schedule : Schedule.values()) {
        try (Backend host = NativeBackend.host(HostExecution.DEFAULT.with(schedule));
            Network network = Network.build(host, spec, 3)) {
          Result found = run(network, 0, Double.NaN, 0, 1, 2, 3);
          assertClose(found.gradients, reference.gradients, 1e-5);
          for (int b = 0; b < LENGTHS.length; b++) {
            int rows = spec.readsEveryStep() ? LENGTHS[b] : 1;
            double[] own = new double[rows * OUTPUTS];
            double[] ofJava = new double[own.length];
            for (int t = 0; t < rows; t++) {
              int from = (t * LENGTHS.length + b) * OUTPUTS;
              System.arraycopy(found.values, from, own, t * OUTPUTS, OUTPUTS);
              System.arraycopy(reference.values, from, ofJava, t * OUTPUTS, OUTPUTS);
            }
            assertClose(own, ofJava, 1e-5);
            assertClose(run(network, 0, 0, b).values, own, 1e-6);
          }
          if (segments) {
            Result parts = run(network, 2, Double.NaN, 0, 1, 2, 3);
            assertClose(parts.gradients, found.gradients, 1e-5);
          }
        }
      }
    }
    assertThat(Leaks.open()).isZero();
  }
}
