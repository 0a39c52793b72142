package io.tacet.network;

import static io.tacet.Close.assertClose;

import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.optim.Parameter;
import io.tacet.training.ActivityL1;
import io.tacet.training.ActivityTarget;
import io.tacet.training.CrossEntropy;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Networks over sequences of different lengths, their data and passes. */
final class LengthNets {
  static final int STEPS = 12;
  static final int CHANNELS = 4;
  static final int TOKENS = 7;
  static final int[] LENGTHS = {5, 12, 1, 8};
  static final int BATCH = LENGTHS.length;

  private LengthNets() {}

  static Arguments network(String name, UnaryOperator<NetworkBuilder> layers) {
    return Arguments.of(name, layers);
  }

  static Egru events() {
    return Egru.defaults().thresholds(0.1);
  }

  static Egru plain() {
    return Egru.defaults().with(EgruOptions.defaults().withoutEvents());
  }

  static Stream<Arguments> oneDirection() {
    Egru paper = events().variant(EgruVariant.PAPER);
    Connection sparse = Connection.sparse(0.6);
    return Stream.of(
        network("a trace", b -> b.sequence(CHANNELS).egru(6, events()).readout(TOKENS)),
        network(
            "the last step",
            b -> b.sequence(CHANNELS).egru(6, events()).gru(5).readoutOfLastStep(TOKENS)),
        network(
            "the paper's, with sparse weights",
            b ->
                b.sequence(CHANNELS).egru(6, paper, sparse, sparse).egru(5, paper).readout(TOKENS)),
        network(
            "plain units",
            b ->
                b.sequence(CHANNELS)
                    .rnn(6, Activation.TANH)
                    .rnn(5, Activation.IDENTITY)
                    .readoutOfLastStep(TOKENS)),
        network(
            "a mixture",
            b ->
                b.sequence(CHANNELS)
                    .dense(5, Activation.SIGMOID)
                    .egru(6, events())
                    .rnn(6, Activation.SIGMOID)
                    .dense(6, Activation.SIGMOID)
                    .winners(3)
                    .gainControl(0.5)
                    .readoutOfLastStep(TOKENS)));
  }

  static Stream<Arguments> networks() {
    Egru both = events().bothDirections();
    return Stream.concat(
        oneDirection(),
        Stream.of(
            network(
                "every step",
                b -> b.sequence(CHANNELS).rnn(6, Activation.TANH).readoutOfEveryStep(TOKENS)),
            network(
                "tokens", b -> b.tokens(TOKENS).embedding(5).egru(6, events()).nextToken(false)),
            network("tokens that select weights", b -> b.tokens(TOKENS).gru(5).nextToken(false)),
            network(
                "both directions",
                b -> b.sequence(CHANNELS).egru(6, both).egru(5, both).readout(TOKENS)),
            network(
                "both directions at the last step",
                b -> b.sequence(CHANNELS).egru(6, both).readoutOfLastStep(TOKENS)),
            network(
                "both directions at every step",
                b ->
                    b.sequence(CHANNELS)
                        .egru(6, both.variant(EgruVariant.PAPER))
                        .rnn(5, Activation.TANH)
                        .readoutOfEveryStep(TOKENS)),
            network(
                "backward in time",
                b ->
                    b.sequence(CHANNELS)
                        .dense(5, Activation.SIGMOID)
                        .egru(6, plain().direction(Direction.BACKWARD))
                        .readout(TOKENS))));
  }

  static Stream<Arguments> smooth() {
    Egru both = plain().bothDirections();
    return Stream.of(
        network(
            "both directions",
            b -> b.sequence(CHANNELS).egru(4, both).egru(3, both).readout(TOKENS)),
        network(
            "plain units below a trace",
            b ->
                b.sequence(CHANNELS)
                    .rnn(4, Activation.TANH)
                    .dense(4, Activation.SIGMOID)
                    .gru(3)
                    .readout(TOKENS)),
        network(
            "every step",
            b -> b.sequence(CHANNELS).gru(4).rnn(4, Activation.TANH).readoutOfEveryStep(TOKENS)),
        network("tokens", b -> b.tokens(TOKENS).embedding(4).gru(4).nextToken(true)));
  }

  static NetworkSpec spec(UnaryOperator<NetworkBuilder> layers, DType type) {
    return layers.apply(NetworkSpec.builder().precision(type)).spec();
  }

  static final class Data {
    final double[][] inputs = new double[BATCH][];
    final int[][] tokens = new int[BATCH][];
    final int[][] labels = new int[BATCH][];

    Data(long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int b = 0; b < BATCH; b++) {
        inputs[b] = random.doubles((long) STEPS * CHANNELS, -2, 2).toArray();
        tokens[b] = random.ints(STEPS, 0, TOKENS).toArray();
        labels[b] = random.ints(STEPS, 0, TOKENS).toArray();
      }
    }

    /** Some samples in a pass; what is beyond their ends is padding. */
    void load(Pass pass, double padding, int... samples) {
      int batch = samples.length;
      boolean everyStep = pass.network().spec().readsEveryStep();
      double[] values = new double[pass.steps() * batch * CHANNELS];
      int[] rows = new int[pass.steps() * batch];
      int[] classes = new int[everyStep ? rows.length : batch];
      for (int row = 0; row < rows.length; row++) {
        int sample = samples[row % batch];
        int t = row / batch;
        boolean within = t < LENGTHS[sample];
        for (int c = 0; c < CHANNELS; c++) {
          values[row * CHANNELS + c] = within ? inputs[sample][t * CHANNELS + c] : padding;
        }
        rows[row] = within ? tokens[sample][t] : TOKENS - 1;
        if (everyStep) {
          classes[row] = labels[sample][t];
        } else if (t == 0) {
          classes[row] = labels[sample][0];
        }
      }
      if (pass.inputTokens() == null) {
        pass.inputSteps().copyFrom(values);
      } else {
        pass.inputTokens().copyFrom(rows);
      }
      pass.label(classes);
    }
  }

  static double[] gradients(Network network) {
    return network.parameters().stream()
        .map(Parameter::gradient)
        .map(DeviceArray::toDoubles)
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  /** Values before a loss replaces them by their errors, and gradients. */
  record Result(double[] values, double[] gradients) {}

  /** A pass forward and backward, with or without terms that regularise activity. */
  static Result run(Pass pass, boolean regularised) {
    pass.network().zeroGradients();
    pass.forward(11);
    double[] values = pass.values().toDoubles();
    new CrossEntropy().evaluate(pass);
    if (regularised) {
      new ActivityTarget(0.5, 0.05).apply(pass);
      if (pass.network().spec().layers().size() > 1) {
        new ActivityL1(0, 0.1).apply(pass);
      }
    }
    pass.backward();
    return new Result(values, gradients(pass.network()));
  }

  static Pass training(Network network, int batch, int steps) {
    return new Pass(network, PassShape.steps(batch, steps, TrainingOptions.PLAIN));
  }

  /** Rows of the values that are within a sample. */
  static double[] valuesOf(Pass pass, double[] all, int place, int length) {
    int outputs = pass.network().spec().outputs();
    int rows = pass.network().spec().readsEveryStep() ? length : 1;
    double[] own = new double[rows * outputs];
    for (int t = 0; t < rows; t++) {
      System.arraycopy(all, (t * pass.batch() + place) * outputs, own, t * outputs, outputs);
    }
    return own;
  }

  static void same(double[] found, double[] expected, double most) {
    assertClose(found, expected, most);
  }
}
