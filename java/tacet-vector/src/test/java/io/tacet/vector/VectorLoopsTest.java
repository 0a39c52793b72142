package io.tacet.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruStream;
import io.tacet.egru.EgruTape;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.RandomPattern;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorLoopsTest {
  private static final String PROPERTY = "tacet.loops";
  private static final DType TYPE = DType.FLOAT32;

  @Test
  void theModuleIsThere() {
    assertThat(new GateLoopsProvider().unavailable()).isEmpty();
    assertThat(new GateLoopsProvider().description()).startsWith("Vector API of Java ");
  }

  /** Every place, the last of the weights among them, which a register would reach beyond. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sumsAreThoseOfThePlainLoop(boolean narrow) {
    SplittableRandom random = new SplittableRandom(1);
    int targets = 40_000;
    int places = 1000;
    int[] wide = random.ints(places, 0, targets).toArray();
    short[] small = new short[places];
    float[] weights = floats(random, 3 * places);
    float[] sums = floats(random, 4 * targets);
    float[] expected = sums.clone();
    for (int k = 0; k < places; k++) {
      small[k] = (short) wide[k];
    }
    float x = 0.7f;
    int[] bounds = {0, 1, 2, 2, 700, 999, 1000};
    for (int b = 0; b + 1 < bounds.length; b++) {
      for (int k = bounds[b]; k < bounds[b + 1]; k++) {
        for (int gate = 0; gate < 3; gate++) {
          expected[4 * wide[k] + gate] += x * weights[3 * k + gate];
        }
      }
      new GateLoops()
          .addGates(
              weights,
              narrow ? small : null,
              narrow ? null : wide,
              bounds[b],
              bounds[b + 1],
              x,
              sums);
      assertThat(sums).isEqualTo(expected);
    }
  }

  private static float[] floats(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource
  void layersAndStreamsAreThoseInPlainLoops(EgruVariant variant) {
    double[] plain = with("java", () -> everything(2, variant));
    assertThat(Arrays.stream(plain).filter(value -> value != 0).count()).isGreaterThan(1000);
    assertThat(with("vector", () -> everything(1, variant))).isEqualTo(plain);
    assertThat(with("auto", () -> everything(3, variant))).isEqualTo(plain);
  }

  private static <T> T with(String loops, Supplier<T> run) {
    System.setProperty(PROPERTY, loops);
    try {
      return run.get();
    } finally {
      System.clearProperty(PROPERTY);
    }
  }

  /** Outputs and gradients of a pass, and of steps of a stream, over a pattern of 30 percent. */
  private static double[] everything(int threads, EgruVariant variant) {
    SplittableRandom random = new SplittableRandom(2);
    int units = 70;
    int batch = 5;
    int steps = 12;
    int inputs = 9;
    try (Backend backend = new JavaBackend(threads);
        Resources made = new Resources()) {
      RandomPattern drawn = RandomPattern.of(random, units, units, 0.3);
      DeviceArray recurrent = made.own(random(backend, random, 3L * drawn.indices().length));
      DeviceArray bias = made.own(random(backend, random, 3L * units));
      EgruLayer layer =
          new EgruLayer(
              recurrent,
              drawn.upload(backend, made, DType.INT32),
              bias,
              bias,
              made.own(backend.allocate(TYPE, units)),
              EgruOptions.defaults().variant(variant));
      DeviceArray currents = made.own(random(backend, random, steps, batch, 3L * units));
      EgruInputs in = new EgruInputs(currents, null, null, false, 0);
      DeviceArray y = made.own(backend.allocate(TYPE, steps, batch, units));
      EgruTape tape = made.own(EgruTape.of(backend, TYPE, steps, batch, units));
      Egru.forward(layer, in, new EgruOutputs(y, null, null, null), tape);
      DeviceArray back = made.own(backend.allocate(TYPE, steps, batch, 3L * units));
      DeviceArray gradient = made.own(backend.allocate(TYPE, recurrent.length()));
      Egru.backward(
          layer,
          in,
          tape,
          EgruErrors.of(made.own(random(backend, random, steps, batch, units))),
          new EgruGradients(back, gradient, null, null, null, null));
      DoubleStream values =
          DoubleStream.concat(
              DoubleStream.of(y.toDoubles()),
              DoubleStream.concat(
                  DoubleStream.of(back.toDoubles()), DoubleStream.of(gradient.toDoubles())));
      double[] weights = new double[inputs * 3 * units];
      Arrays.setAll(weights, i -> i % units % 3 == 0 ? (float) random.nextDouble(-1, 1) : 0);
      CsrSynapses input = made.own(CsrSynapses.ofDense(backend, TYPE, inputs, 3 * units, weights));
      return DoubleStream.concat(values, stream(layer, input, batch, random)).toArray();
    }
  }

  private static DoubleStream stream(
      EgruLayer layer, CsrSynapses input, int batch, SplittableRandom random) {
    float[] y = new float[batch * layer.units()];
    float[] h = new float[y.length];
    DoubleStream all = DoubleStream.empty();
    try (EgruStream stream = EgruStream.of(layer, input, batch)) {
      for (int t = 0; t < 10; t++) {
        stream.step(floats(random, batch * input.sources()), y, h);
        float[] sent = y.clone();
        all = DoubleStream.concat(all, Arrays.stream(doubles(sent)));
      }
    }
    return all;
  }

  private static double[] doubles(float[] values) {
    double[] out = new double[values.length];
    Arrays.setAll(out, i -> values[i]);
    return out;
  }

  private static DeviceArray random(Backend backend, SplittableRandom random, long... shape) {
    DeviceArray array = backend.allocate(TYPE, shape);
    return array.copyFrom(floats(random, (int) array.length()));
  }

  @Test
  void loopsThatAreNotThereAreRefused() {
    assertThatThrownBy(() -> with("sve", () -> new JavaBackend(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tacet.loops: expected one of [auto, java, vector], got 'sve'.");
  }
}
