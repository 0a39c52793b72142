package io.tacet.egru;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept for the adjoint: how much, and what bfloat16 does to gradients. */
class EgruTapeTest {
  private static final int STEPS = 12;
  private static final int BATCH = 4;
  private static final int UNITS = 96;

  @Test
  void bytesForEachStepSampleAndUnit() {
    try (Backend backend = new JavaBackend(1);
        EgruTape whole = EgruTape.of(backend, DType.FLOAT32, STEPS, BATCH, UNITS);
        EgruTape compact = EgruTape.compact(backend, STEPS, BATCH, UNITS);
        EgruTape less = EgruTape.withoutProduct(backend, DType.FLOAT32, STEPS, BATCH, UNITS);
        EgruTape least = EgruTape.compactWithoutProduct(backend, STEPS, BATCH, UNITS)) {
      double cells = (double) STEPS * BATCH * UNITS;
      assertThat(whole.bytes() / cells).isEqualTo(20.125);
      assertThat(compact.bytes() / cells).isEqualTo(12.125);
      assertThat(less.bytes() / cells).isEqualTo(16.125);
      assertThat(least.bytes() / cells).isEqualTo(10.125);
    }
  }

  /** How a tape is made. */
  private interface Maker {
    EgruTape make(Backend backend, DType type);
  }

  private static final Maker WHOLE = (b, type) -> EgruTape.of(b, type, STEPS, BATCH, UNITS);
  private static final Maker COMPACT = (b, type) -> EgruTape.compact(b, STEPS, BATCH, UNITS);
  private static final Maker LESS =
      (b, type) -> EgruTape.withoutProduct(b, type, STEPS, BATCH, UNITS);
  private static final Maker LEAST =
      (b, type) -> EgruTape.compactWithoutProduct(b, STEPS, BATCH, UNITS);

  private static double distance(double[] a, double[] b) {
    double difference = 0;
    double norm = 0;
    for (int k = 0; k < a.length; k++) {
      difference += (a[k] - b[k]) * (a[k] - b[k]);
      norm += a[k] * a[k];
    }
    return Math.sqrt(difference / norm);
  }

  @Test
  void bfloat16GatesChangeGradientsLittle() {
    EgruOptions options = EgruOptions.defaults();
    double[] whole = gradients(WHOLE, DType.FLOAT32, options, 0);
    assertThat(distance(whole, gradients(COMPACT, DType.FLOAT32, options, 0)))
        .isBetween(1e-6, 1e-2);
    assertThat(distance(whole, gradients(LEAST, DType.FLOAT32, options, 0))).isBetween(1e-6, 1e-2);
  }

  /** With thresholds of 0, or without events, the tape says exactly what was sent. */
  @ParameterizedTest
  @EnumSource(
      value = EgruEngine.class,
      names = {"EVENT", "DENSE"})
  void aProductComputedAgainIsTheSameToTheLastBit(EgruEngine engine) {
    EgruOptions options = EgruOptions.defaults().engine(engine).zoneout(0.1);
    for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
      for (EgruOptions o : List.of(options, options.withoutEvents())) {
        assertThat(gradients(LESS, type, o, 0))
            .as("%s of %s", type, o)
            .isEqualTo(gradients(WHOLE, type, o, 0));
      }
    }
  }

  @Test
  void aProductComputedAgainDiffersByRoundingWhereEventsAreRounded() {
    EgruOptions options = EgruOptions.defaults();
    double[] whole = gradients(WHOLE, DType.FLOAT32, options, 0.15);
    assertThat(distance(whole, gradients(LESS, DType.FLOAT32, options, 0.15))).isLessThan(1e-6);
    double[] wide = gradients(WHOLE, DType.FLOAT64, options, 0.15);
    assertThat(distance(wide, gradients(LESS, DType.FLOAT64, options, 0.15))).isLessThan(1e-14);
  }

  @Test
  void theVariantOfThePaperNeedsNoProduct() {
    EgruOptions options = EgruOptions.defaults().variant(EgruVariant.PAPER);
    assertThat(gradients(LESS, DType.FLOAT32, options, 0.15))
        .isEqualTo(gradients(WHOLE, DType.FLOAT32, options, 0.15));
  }

  @Test
  void unitsFarBelowTheirThresholdAreIdle() {
    try (Backend backend = new JavaBackend(1);
        Resources made = new Resources()) {
      DeviceArray zeros = made.own(backend.allocate(DType.FLOAT32, 6));
      EgruOptions options = EgruOptions.defaults().surrogate(1, 2);
      EgruLayer layer =
          new EgruLayer(
              made.own(backend.allocate(DType.FLOAT32, 2, 6)),
              zeros,
              zeros,
              made.own(backend.of(new float[] {0.4f, 0.9f})),
              options);
      // One step from h = 0: c = (1 - z) tanh(a) = tanh(a) / 2.
      float[] a = {0, 0, 0, 0, 9, 9};
      EgruTape tape = made.own(EgruTape.of(backend, DType.FLOAT32, 1, 1, 2));
      Egru.forward(
          layer,
          EgruInputs.of(made.own(backend.of(a, 1, 1, 6))),
          new EgruOutputs(null, null, null, null),
          tape);
      assertThat(tape.backwardSparsity(layer, null)).as("an event, and 0.4 below").isZero();
      a[5] = 0;
      Egru.forward(
          layer,
          EgruInputs.of(made.own(backend.of(a, 1, 1, 6))),
          new EgruOutputs(null, null, null, null),
          tape);
      assertThat(tape.backwardSparsity(layer, null)).as("an event, and 0.9 below").isEqualTo(0.5);
    }
  }

  @Test
  void stepsThatASampleDoesNotHaveAreNeitherIdleNorBusy() {
    try (Backend backend = new JavaBackend(1);
        Resources made = new Resources()) {
      DeviceArray zeros = made.own(backend.allocate(DType.FLOAT32, 6));
      EgruLayer layer =
          new EgruLayer(
              made.own(backend.allocate(DType.FLOAT32, 2, 6)),
              zeros,
              zeros,
              made.own(backend.of(new float[] {0.4f, 0.9f})),
              EgruOptions.defaults().surrogate(1, 2));
      // In its first step unit 0 has an event and unit 1 is idle; then both would be idle.
      float[] a = new float[3 * 2 * 6];
      a[4] = 9;
      a[10] = 9;
      DeviceArray currents = made.own(backend.of(a, 3, 2, 6));
      EgruTape tape = made.own(EgruTape.of(backend, DType.FLOAT32, 3, 2, 2));
      DeviceArray lengths = made.own(backend.of(new int[] {1, 0}));
      EgruInputs in = new EgruInputs(currents, lengths, null, false, 0);
      Egru.forward(layer, in, new EgruOutputs(null, null, null, null), tape);
      assertThat(tape.backwardSparsity(layer, lengths)).isEqualTo(0.5);
      assertThat(tape.backwardSparsity(layer, made.own(backend.of(new int[] {0, 0})))).isZero();
    }
  }

  @Test
  void pastTheEndOfASampleGatesAreZeroWhateverTheThreads() {
    for (Maker maker : List.of(WHOLE, COMPACT, LESS)) {
      double[] one = keptAfterALongerPass(maker, 1);
      assertThat(keptAfterALongerPass(maker, 3)).isEqualTo(one);
    }
  }

  /** Gates and events of a pass with lengths, over what one without has left; checks the ends. */
  private static double[] keptAfterALongerPass(Maker maker, int threads) {
    Random random = new Random(4);
    int[] lengths = {STEPS, 3, 0, 1};
    try (Backend backend = new JavaBackend(threads);
        Resources made = new Resources()) {
      DeviceArray currents =
          made.own(random(backend, random, DType.FLOAT32, 1, STEPS, BATCH, 3L * UNITS));
      DeviceArray bias = made.own(random(backend, random, DType.FLOAT32, 0.1, 3L * UNITS));
      EgruLayer layer =
          new EgruLayer(
              made.own(random(backend, random, DType.FLOAT32, 0.1, UNITS, 3L * UNITS)),
              bias,
              bias,
              made.own(random(backend, random, DType.FLOAT32, 0.1, UNITS)),
              EgruOptions.defaults());
      EgruTape tape = made.own(maker.make(backend, DType.FLOAT32));
      EgruOutputs none = new EgruOutputs(null, null, null, null);
      Egru.forward(layer, EgruInputs.of(currents), none, tape);
      DeviceArray given = made.own(backend.of(lengths));
      Egru.forward(layer, new EgruInputs(currents, given, null, false, 0), none, tape);
      double[] all =
          Stream.of(tape.z(), tape.r(), tape.g(), tape.q())
              .filter(gate -> gate != null)
              .flatMapToDouble(EgruTapeTest::values)
              .toArray();
      int rows = STEPS * BATCH;
      for (int k = 0; k < all.length; k++) {
        int row = k / UNITS % rows;
        if (row / BATCH >= lengths[row % BATCH]) {
          assertThat(all[k]).as("gate %d of row %d", k / UNITS / rows, row).isZero();
        }
      }
      DoubleStream events = IntStream.of(tape.events().toInts()).asDoubleStream();
      return DoubleStream.concat(DoubleStream.of(all), events).toArray();
    }
  }

  private static DoubleStream values(DeviceArray gate) {
    if (gate.type() != DType.UINT16) {
      return DoubleStream.of(gate.toDoubles());
    }
    short[] bits = gate.toShorts();
    return IntStream.range(0, bits.length).mapToDouble(k -> bits[k]);
  }

  /** All gradients of a random layer and sequence in a row. */
  private static double[] gradients(
      Maker maker, DType type, EgruOptions options, double threshold) {
    Random random = new Random(2);
    try (Backend backend = new JavaBackend(2);
        Resources made = new Resources()) {
      DeviceArray currents = made.own(random(backend, random, type, 1, STEPS, BATCH, 3L * UNITS));
      DeviceArray errors = made.own(random(backend, random, type, 1, STEPS, BATCH, UNITS));
      DeviceArray thresholds = made.own(backend.allocate(type, UNITS));
      thresholds.copyFrom(random.doubles(UNITS).map(u -> 2 * threshold * u).toArray());
      EgruLayer layer =
          new EgruLayer(
              made.own(random(backend, random, type, 0.1, UNITS, 3L * UNITS)),
              made.own(random(backend, random, type, 0.1, 3L * UNITS)),
              made.own(random(backend, random, type, 0.1, 3L * UNITS)),
              thresholds,
              options);
      EgruState first =
          made.own(
              new EgruState(
                  random(backend, random, type, 0.5, BATCH, UNITS),
                  random(backend, random, type, 0.5, BATCH, UNITS)));
      DeviceArray lengths = made.own(backend.of(new int[] {STEPS, 3, 0, 1}));
      EgruTape tape = made.own(maker.make(backend, type));
      EgruInputs in = new EgruInputs(currents, lengths, first, true, 7);
      Egru.forward(layer, in, new EgruOutputs(null, null, null, null), tape);
      DeviceArray recurrent = made.own(backend.allocate(type, UNITS, 3L * UNITS));
      DeviceArray bias = made.own(backend.allocate(type, 3L * UNITS));
      Egru.backward(
          layer,
          in,
          tape,
          EgruErrors.of(errors),
          new EgruGradients(currents, recurrent, null, bias, null, null));
      return Stream.of(currents, recurrent, bias)
          .flatMapToDouble(array -> DoubleStream.of(array.toDoubles()))
          .toArray();
    }
  }

  private static DeviceArray random(
      Backend backend, Random random, DType type, double scale, long... shape) {
    DeviceArray array = backend.allocate(type, shape);
    return array.copyFrom(random.doubles(array.length()).map(u -> scale * (2 * u - 1)).toArray());
  }
}
