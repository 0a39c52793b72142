package io.tacet.egru;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is kept for the adjoint: how much, and what bfloat16 does to gradients. */
class EgruTapeTest {
  private static final int STEPS = 12;
  private static final int BATCH = 4;
  private static final int UNITS = 64;

  @Test
  void bytesForEachStepSampleAndUnit() {
    try (Backend backend = new JavaBackend(1);
        EgruTape whole = EgruTape.of(backend, DType.FLOAT32, STEPS, BATCH, UNITS);
        EgruTape compact = EgruTape.compact(backend, STEPS, BATCH, UNITS)) {
      double cells = (double) STEPS * BATCH * UNITS;
      assertThat(whole.bytes() / cells).isEqualTo(20.125);
      assertThat(compact.bytes() / cells).isEqualTo(12.125);
    }
  }

  @Test
  void bfloat16GatesChangeGradientsLittle() {
    double[] whole = gradient(false);
    double[] compact = gradient(true);
    double difference = 0;
    double norm = 0;
    for (int k = 0; k < whole.length; k++) {
      difference += (whole[k] - compact[k]) * (whole[k] - compact[k]);
      norm += whole[k] * whole[k];
    }
    assertThat(Math.sqrt(difference / norm)).isBetween(1e-6, 1e-2);
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
      assertThat(tape.backwardSparsity(layer)).as("an event, and 0.4 below").isZero();
      a[5] = 0;
      Egru.forward(
          layer,
          EgruInputs.of(made.own(backend.of(a, 1, 1, 6))),
          new EgruOutputs(null, null, null, null),
          tape);
      assertThat(tape.backwardSparsity(layer)).as("an event, and 0.9 below").isEqualTo(0.5);
    }
  }

  private static double[] gradient(boolean compact) {
    Random random = new Random(2);
    try (Backend backend = new JavaBackend(2);
        Resources made = new Resources()) {
      DeviceArray currents = made.own(random(backend, random, 1, STEPS, BATCH, 3L * UNITS));
      DeviceArray errors = made.own(random(backend, random, 1, STEPS, BATCH, UNITS));
      DeviceArray zeros = made.own(backend.allocate(DType.FLOAT32, 3L * UNITS));
      EgruLayer layer =
          new EgruLayer(
              made.own(random(backend, random, 0.1, UNITS, 3L * UNITS)),
              zeros,
              zeros,
              made.own(backend.allocate(DType.FLOAT32, UNITS)),
              EgruOptions.defaults());
      EgruTape tape =
          made.own(
              compact
                  ? EgruTape.compact(backend, STEPS, BATCH, UNITS)
                  : EgruTape.of(backend, DType.FLOAT32, STEPS, BATCH, UNITS));
      EgruInputs in = EgruInputs.of(currents);
      Egru.forward(layer, in, new EgruOutputs(null, null, null, null), tape);
      DeviceArray recurrent = made.own(backend.allocate(DType.FLOAT32, UNITS, 3L * UNITS));
      Egru.backward(
          layer,
          in,
          tape,
          EgruErrors.of(errors),
          new EgruGradients(currents, recurrent, null, null, null, null));
      return recurrent.toDoubles();
    }
  }

  private static DeviceArray random(Backend backend, Random random, double scale, long... shape) {
    DeviceArray array = backend.allocate(DType.FLOAT32, shape);
    float[] values = new float[(int) array.length()];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) (scale * random.nextGaussian());
    }
    return array.copyFrom(values);
  }
}
