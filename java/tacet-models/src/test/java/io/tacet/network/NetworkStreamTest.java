package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps of a stream against passes over whole sequences. */
class NetworkStreamTest {
  private static final int BATCH = 3;
  private static final int STEPS = 9;
  private static final int CHANNELS = 4;
  private static final Egru EGRU = Egru.defaults().thresholds(0.1);
  private static final EgruOptions OPTIONS = EgruOptions.defaults();
  private static final Connection HALF = Connection.sparse(0.5);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Arguments of(String name, UnaryOperator<NetworkBuilder> layers) {
    return Arguments.of(name, layers);
  }

  static Stream<Arguments> networks() {
    Egru paper = EGRU.with(OPTIONS.variant(EgruVariant.PAPER).zoneout(0.1));
    return Stream.of(
        of("egru, trace", on -> on.egru(13, EGRU).readout(5)),
        of("egru, last step", on -> on.egru(13, EGRU).readoutOfLastStep(5)),
        of("egru, every step", on -> on.egru(13, EGRU).readoutOfEveryStep(5)),
        of("egru without read-out", on -> on.egru(13, EGRU)),
        of("egru of the paper", on -> on.egru(13, paper).egru(7, EGRU).readout(5)),
        of("gru", on -> on.gru(6).gru(11).readout(5)),
        of("rnn", on -> on.rnn(12, Activation.TANH).readout(5)),
        of("rnn, sparse", on -> on.rnn(12, Activation.RELU, HALF, Connection.dense()).readout(5)),
        of("egru, sparse", on -> on.egru(13, EGRU, HALF, HALF).readout(5)),
        of(
            "egru, sparse within only, a pattern for each gate",
            on -> on.egru(13, EGRU, Connection.dense(), HALF.separateGates()).readout(5)),
        of("rnn, sparse within", on -> on.rnn(12, Activation.TANH, HALF, HALF).readout(5)),
        of("dense", on -> on.dense(12, Activation.SIGMOID).rnn(6, Activation.TANH).readout(5)),
        of("winners", on -> on.dense(12, Activation.RELU).winners(4).readoutOfEveryStep(5)),
        of("gain control", on -> on.dense(12, Activation.TANH).gainControl(0.5).winners(1)),
        of("dense, sparse", on -> on.dense(12, Activation.IDENTITY, HALF).readoutOfEveryStep(5)),
        of(
            "mixed",
            on ->
                on.egru(16, EGRU, HALF, Connection.dense())
                    .dense(9, Activation.RELU)
                    .rnn(8, Activation.TANH)
                    .gru(7)
                    .readout(5)));
  }

  private static float[] numbers(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[length];
    for (int k = 0; k < length; k++) {
      values[k] = random.nextInt(3) == 0 ? 0 : (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /** What a pass over the first steps gives at its end, [batch][outputs]. */
  private static double[] atTheEnd(Network network, int steps, Object input) {
    try (Pass pass = new Pass(network, PassShape.steps(BATCH, steps, null))) {
      if (input instanceof float[] x) {
        pass.inputSteps().copyFrom(Arrays.copyOf(x, steps * BATCH * CHANNELS));
      } else {
        pass.inputTokens().copyFrom(Arrays.copyOf((int[]) input, steps * BATCH));
      }
      pass.forward();
      int top = network.layers().size() - 1;
      double[] all =
          pass.values() != null
              ? pass.values().toDoubles()
              : ((Signal.Steps) pass.output(top)).values().toDoubles();
      int length = BATCH * network.spec().outputs();
      return Arrays.copyOfRange(all, all.length - length, all.length);
    }
  }

  private static void near(float[] found, double[] expected) {
    assertThat(found).hasSize(expected.length);
    for (int k = 0; k < found.length; k++) {
      assertThat((double) found[k]).as("output %d", k).isCloseTo(expected[k], within(1e-5));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void everyStepGivesWhatAPassOverTheSequenceSoFarGives(
      String name, UnaryOperator<NetworkBuilder> layers) {
    try (Backend java = Backends.open("java");
        Network network = layers.apply(Network.on(java).sequence(CHANNELS)).build(4);
        NetworkStream stream = network.stream(BATCH)) {
      assertThat(stream.outputs()).isEqualTo(network.spec().outputs());
      int row = BATCH * CHANNELS;
      float[] x = numbers(STEPS * row, 7);
      double[] first = null;
      double[] last = null;
      for (int round = 0; round < 2; round++) {
        for (int t = 0; t < STEPS; t++) {
          last = atTheEnd(network, t + 1, x);
          first = t == 0 ? last : first;
          near(stream.step(Arrays.copyOfRange(x, t * row, (t + 1) * row)), last);
        }
        stream.reset();
      }
      assertThat(last).isNotEqualTo(first);
    }
  }

  @Test
  void tokensSelectRowsOfATableOrOfTheInputWeights() {
    int vocabulary = 6;
    int[] tokens = new SplittableRandom(2).ints(STEPS * BATCH, 0, vocabulary).toArray();
    tokens[1] = 0;
    try (Backend java = Backends.open("java");
        Network tied =
            Network.on(java).tokens(vocabulary).embedding(8).egru(8).nextToken(true).build(1);
        Network plain = Network.on(java).tokens(vocabulary).gru(9).nextToken(false).build(1)) {
      for (Network network : new Network[] {tied, plain}) {
        try (NetworkStream stream = network.stream(BATCH)) {
          for (int t = 0; t < STEPS; t++) {
            int[] now = Arrays.copyOfRange(tokens, t * BATCH, (t + 1) * BATCH);
            near(stream.step(now), atTheEnd(network, t + 1, tokens));
          }
        }
      }
    }
  }

  @Test
  void theLastStepOfASampleGivesItsPrediction() {
    int samples = 4;
    float[] x = numbers(samples * STEPS * CHANNELS, 3);
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .sequence(CHANNELS)
                .egru(10, EGRU)
                .rnn(9, Activation.TANH)
                .readout(3)
                .build(5);
        NetworkStream stream = network.stream(1)) {
      Prediction expected =
          network.predict(ArraySequences.of("all", x, STEPS, CHANNELS, new int[samples], 1));
      for (int i = 0; i < samples; i++) {
        float[] outputs = null;
        stream.reset();
        for (int t = 0; t < STEPS; t++) {
          int at = (i * STEPS + t) * CHANNELS;
          outputs = stream.step(Arrays.copyOfRange(x, at, at + CHANNELS));
        }
        near(outputs, expected.scores()[i]);
      }
    }
  }

  @Test
  void aStepAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    try (Backend java = new io.tacet.reference.JavaBackend(1);
        Network network =
            Network.on(java)
                .sequence(CHANNELS)
                .egru(32, EGRU)
                .dense(16, Activation.RELU)
                .gainControl(0.5)
                .rnn(16, Activation.TANH)
                .winners(4)
                .readout(5)
                .build(1);
        NetworkStream stream = network.stream(BATCH)) {
      float[] x = numbers(BATCH * CHANNELS, 1);
      for (int k = 0; k < 200; k++) {
        stream.step(x);
      }
      long before = threads.getThreadAllocatedBytes(thread);
      long none = threads.getThreadAllocatedBytes(thread) - before;
      before = threads.getThreadAllocatedBytes(thread);
      for (int k = 0; k < 1000; k++) {
        stream.step(x);
      }
      stream.reset();
      assertThat(threads.getThreadAllocatedBytes(thread) - before - none).isLessThan(1000);
    }
  }

  @Test
  void aNanStaysInItsSampleUntilTheReset() {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .sequence(CHANNELS)
                .egru(6, EGRU)
                .rnn(5, Activation.TANH)
                .readout(2)
                .build(1);
        NetworkStream stream = network.stream(2)) {
      float[] x = numbers(2 * CHANNELS, 1);
      float[] clean = stream.step(x).clone();
      float[] later = stream.step(x).clone();
      stream.reset();
      float[] spoilt = x.clone();
      spoilt[0] = Float.NaN;
      assertThat(stream.step(spoilt)[0]).isNaN();
      float[] after = stream.step(x);
      assertThat(after[0]).isNaN();
      assertThat(after[1]).isNaN();
      assertThat(after[2]).isEqualTo(later[2]);
      stream.reset();
      assertThat(stream.step(x)).isEqualTo(clean);
    }
  }

  @Test
  void whatCannotBeSteppedIsRefusedInASentence() {
    Weights weights = Weights.normal(1, 1);
    try (Backend java = Backends.open("java");
        Network spiking = Network.on(java).spikes(3).lif(4, Lif.tau(20, 5), weights).build(1);
        Network both =
            Network.on(java).sequence(3).egru(4, EGRU.bothDirections()).readout(2).build(1);
        Network wide =
            Network.on(java).precision(DType.FLOAT64).sequence(3).gru(4).readout(2).build(1);
        Network plain = Network.on(java).sequence(3).gru(4).readout(2).build(1);
        Network tokens = Network.on(java).tokens(3).gru(4).nextToken(false).build(1)) {
      assertThatThrownBy(() -> spiking.stream(1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("stream", ".sequence(n)", "event times");
      assertThatThrownBy(() -> both.stream(1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("stream", "forward in time", "bidirectional .egru");
      assertThatThrownBy(() -> wide.stream(1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("stream", "FLOAT32", "FLOAT64");
      assertThatThrownBy(() -> plain.stream(0)).hasMessageContainingAll("batch", "at least 1", "0");
      try (NetworkStream numbers = plain.stream(2);
          NetworkStream words = tokens.stream(2)) {
        assertThatThrownBy(() -> numbers.step(new float[5]))
            .hasMessageContainingAll("x", "expected 6 values", "5");
        assertThatThrownBy(() -> numbers.step(new int[2])).hasMessageContaining("step(float[])");
        assertThatThrownBy(() -> words.step(new float[6])).hasMessageContaining("step(int[])");
        assertThatThrownBy(() -> words.step(new int[] {1, 3}))
            .hasMessageContainingAll("tokens", "[0, 3)", "3");
        assertThatThrownBy(() -> words.step(new int[3])).hasMessageContaining("expected 2 values");
      }
    }
  }
}
