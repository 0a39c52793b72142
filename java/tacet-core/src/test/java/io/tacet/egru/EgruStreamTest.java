package io.tacet.egru;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps of a stream against the same step of a sequence, from the same state. */
class EgruStreamTest {
  private static final double MARGIN = 1e-4;

  static Stream<Arguments> cases() {
    EgruOptions o = EgruOptions.defaults();
    return Stream.of(EgruVariant.values())
        .flatMap(
            v ->
                Stream.of(
                    Arguments.of(o.variant(v), 1, 37, 1),
                    Arguments.of(o.variant(v), 3, 150, 2),
                    Arguments.of(o.variant(v).zoneout(0.2), 2, 70, 3),
                    Arguments.of(o.variant(v).withoutEvents(), 2, 70, 2)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void stepsAreThoseOfASequence(EgruOptions options, int batch, int units, int threads) {
    Random random = new Random(4);
    int inputs = 13;
    int steps = 20;
    try (Backend backend = new JavaBackend(threads);
        Resources made = new Resources()) {
      DeviceArray w = made.own(random(backend, random, 0.5, inputs, 3L * units));
      EgruLayer layer = layer(backend, made, random, units, options);
      DeviceArray x = made.own(backend.allocate(DType.FLOAT32, batch, inputs));
      DeviceArray currents = made.own(backend.allocate(DType.FLOAT32, 1, batch, 3L * units));
      EgruState state = made.own(EgruState.zeros(backend, DType.FLOAT32, batch, units));
      EgruInputs in = new EgruInputs(currents, null, state, false, 0);
      EgruOutputs out = new EgruOutputs(null, null, state, null);
      int events = 0;
      try (EgruStream stream = EgruStream.of(layer, w, batch)) {
        float[] y = new float[batch * units];
        float[] h = new float[batch * units];
        for (int t = 0; t < steps; t++) {
          float[] input = new float[batch * inputs];
          for (int k = 0; k < input.length; k++) {
            input[k] = random.nextBoolean() ? 0 : (float) random.nextGaussian();
          }
          state.y().copyFrom(y);
          state.h().copyFrom(h);
          Dense.multiply(x.copyFrom(input), w, false, currents);
          Egru.forward(layer, in, out, null);
          stream.step(input, y, h);
          float[] expectedY = state.y().toFloats();
          float[] expectedH = state.h().toFloats();
          float[] thresholds = layer.thresholds().toFloats();
          for (int k = 0; k < y.length; k++) {
            float cell = expectedY[k] != 0 ? expectedY[k] : expectedH[k];
            if (!options.events() || Math.abs(cell - thresholds[k % units]) > MARGIN) {
              assertThat((double) y[k]).as("y %d", k).isCloseTo(expectedY[k], within(1e-5));
              assertThat((double) h[k]).as("h %d", k).isCloseTo(expectedH[k], within(1e-5));
            }
            events += y[k] != 0 ? 1 : 0;
          }
        }
        assertThat(events).isGreaterThan(steps);
      }
    }
  }

  @Test
  void aNanSpreadsInItsSampleOnlyUntilTheStateIsSetBack() {
    for (EgruVariant variant : EgruVariant.values()) {
      try (Backend backend = new JavaBackend(2);
          Resources made = new Resources()) {
        Random random = new Random(3);
        DeviceArray w = made.own(random(backend, random, 1, 4, 15));
        EgruOptions options = EgruOptions.defaults().variant(variant);
        EgruLayer layer = layer(backend, made, random, 5, options);
        try (EgruStream stream = EgruStream.of(layer, w, 2)) {
          float[] x = {1, 0, -1, 2, 0.5f, 1, 0, 1};
          float[][] clean = {new float[10], new float[10]};
          float[][] spoilt = {new float[10], new float[10]};
          stream.step(x, clean[0], clean[1]);
          float[] bad = x.clone();
          bad[2] = Float.NaN;
          stream.step(bad, spoilt[0], spoilt[1]);
          stream.step(x, clean[0], clean[1]);
          stream.step(x, spoilt[0], spoilt[1]);
          for (int m = 0; m < 5; m++) {
            assertThat(spoilt[0][m]).isNaN();
            assertThat(spoilt[1][m]).isNaN();
            assertThat(spoilt[0][5 + m]).isEqualTo(clean[0][5 + m]);
            assertThat(spoilt[1][5 + m]).isEqualTo(clean[1][5 + m]);
          }
        }
      }
    }
  }

  @Test
  void wrongLengthsAreNamed() {
    try (Backend backend = new JavaBackend(1);
        Resources made = new Resources()) {
      Random random = new Random(1);
      DeviceArray w = made.own(random(backend, random, 1, 4, 15));
      EgruLayer layer = layer(backend, made, random, 5, EgruOptions.defaults());
      try (EgruStream stream = EgruStream.of(layer, w, 2)) {
        assertThatThrownBy(() -> stream.step(new float[7], new float[10], new float[10]))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("x: expected [2][4] = 8 values, got 7.");
      }
      assertThatThrownBy(() -> EgruStream.of(layer, w, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("batch: expected at least 1");
    }
  }

  private static EgruLayer layer(
      Backend backend, Resources made, Random random, int units, EgruOptions options) {
    DeviceArray thresholds = made.own(backend.allocate(DType.FLOAT32, units));
    float[] theta = new float[units];
    for (int m = 0; m < units; m++) {
      theta[m] = 0.2f * random.nextFloat();
    }
    return new EgruLayer(
        made.own(random(backend, random, 1 / Math.sqrt(units), units, 3L * units)),
        made.own(random(backend, random, 0.3, 3L * units)),
        made.own(random(backend, random, 0.3, 3L * units)),
        thresholds.copyFrom(theta),
        options);
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
