package io.tacet.egru;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.RandomPattern;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps of a stream against the same step of a sequence, from the same state. */
class EgruStreamTest {
  private static final double MARGIN = 1e-4;

  static Stream<Arguments> cases() {
    EgruOptions o = EgruOptions.defaults();
    return Stream.of(EgruVariant.values())
        .flatMap(
            v ->
                Stream.of(Kind.values())
                    .flatMap(
                        kind ->
                            Stream.of(
                                Arguments.of(o.variant(v), kind, 1, 37, 1),
                                Arguments.of(o.variant(v), kind, 3, 150, 2),
                                Arguments.of(o.variant(v), kind, 9, 40, 2),
                                Arguments.of(o.variant(v).zoneout(0.2), kind, 2, 70, 3),
                                Arguments.of(o.variant(v).clip(0.3), kind, 2, 70, 3),
                                Arguments.of(o.variant(v).withoutEvents(), kind, 2, 70, 2))));
  }

  /** How recurrent weights are stored; input weights are CSR where they are sparse, like them. */
  enum Kind {
    DENSE,
    SHARED_PATTERN,
    OWN_PATTERNS
  }

  @ParameterizedTest
  @MethodSource("cases")
  void stepsAreThoseOfASequence(EgruOptions options, Kind kind, int batch, int units, int threads) {
    Random random = new Random(4);
    int inputs = 13;
    int steps = 20;
    try (Backend backend = new JavaBackend(threads);
        Resources made = new Resources()) {
      Model model = Model.of(backend, made, random, inputs, units, options, kind);
      EgruLayer layer = model.layer();
      DeviceArray x = made.own(backend.allocate(DType.FLOAT32, batch, inputs));
      DeviceArray currents = made.own(backend.allocate(DType.FLOAT32, 1, batch, 3L * units));
      EgruState state = made.own(EgruState.zeros(backend, DType.FLOAT32, batch, units));
      EgruInputs in = new EgruInputs(currents, null, state, false, 0);
      EgruOutputs out = new EgruOutputs(null, null, state, null);
      int events = 0;
      try (EgruStream stream = model.stream(batch)) {
        float[] y = new float[batch * units];
        float[] h = new float[batch * units];
        for (int t = 0; t < steps; t++) {
          float[] input = halfZeros(random, batch * inputs);
          state.y().copyFrom(y);
          state.h().copyFrom(h);
          Dense.multiply(x.copyFrom(input), model.w(), false, currents);
          Egru.forward(layer, in, out, null);
          stream.step(input, y, h);
          float[] expectedY = state.y().toFloats();
          float[] expectedH = state.h().toFloats();
          float[] thresholds = layer.thresholds().toFloats();
          for (int k = 0; k < y.length; k++) {
            float cell = expectedY[k] != 0 ? expectedY[k] : expectedH[k];
            if (!options.events() || Math.abs(cell - thresholds[k % units]) > MARGIN) {
              continue;
            }
            // Which side of its threshold the cell is on is a matter of rounding.
            expectedY[k] = y[k];
            expectedH[k] = h[k];
          }
          assertClose(y, expectedY, 1e-5);
          assertClose(h, expectedH, 1e-5);
          for (float sent : y) {
            events += sent != 0 ? 1 : 0;
          }
        }
        assertThat(events).isGreaterThan(steps);
      }
    }
  }

  /** By samples or by units, over one thread or several. */
  @ParameterizedTest
  @MethodSource("kindsOfVariants")
  void threadsChangeNoBit(EgruVariant variant, Kind kind) {
    float[][] one = run(variant, kind, 1);
    for (int threads = 2; threads <= 5; threads++) {
      float[][] several = run(variant, kind, threads);
      assertThat(several[0]).as("y, %s threads", threads).containsExactly(one[0]);
      assertThat(several[1]).as("h, %s threads", threads).containsExactly(one[1]);
    }
  }

  static Stream<Arguments> kindsOfVariants() {
    return Stream.of(EgruVariant.values())
        .flatMap(v -> Stream.of(Kind.values()).map(kind -> Arguments.of(v, kind)));
  }

  /** What four samples send and keep after ten steps. */
  private static float[][] run(EgruVariant variant, Kind kind, int threads) {
    Random random = new Random(6);
    int batch = 4;
    int units = 50;
    int inputs = 9;
    try (Backend backend = new JavaBackend(threads);
        Resources made = new Resources()) {
      EgruOptions options = EgruOptions.defaults().variant(variant);
      Model model = Model.of(backend, made, random, inputs, units, options, kind);
      float[] y = new float[batch * units];
      float[] h = new float[batch * units];
      try (EgruStream stream = model.stream(batch)) {
        for (int t = 0; t < 10; t++) {
          stream.step(halfZeros(random, batch * inputs), y, h);
        }
      }
      assertThat(y).isNotEqualTo(new float[y.length]);
      return new float[][] {y, h};
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
        EgruLayer layer = layer(backend, made, random, 5, options, Kind.DENSE);
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
      EgruLayer layer = layer(backend, made, random, 5, EgruOptions.defaults(), Kind.DENSE);
      try (EgruStream stream = EgruStream.of(layer, w, 2)) {
        assertThatThrownBy(() -> stream.step(new float[7], new float[10], new float[10]))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("x: expected [2][4] = 8 values, got 7.");
      }
      assertThatThrownBy(() -> EgruStream.of(layer, w, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("batch: expected at least 1");
      CsrSynapses few =
          made.own(CsrSynapses.ofDense(backend, DType.FLOAT32, 1, 2, new double[] {1, 2}));
      assertThatThrownBy(() -> EgruStream.of(layer, few, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("inputWeights: expected 15 targets, 3 for each unit, without delays, got 2.");
      CsrSynapses other =
          made.own(
              CsrSynapses.ofDense(
                  backend,
                  DType.FLOAT64,
                  1,
                  15,
                  new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
      assertThatThrownBy(() -> EgruStream.of(layer, other, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("inputWeights")
          .hasMessageContaining("FLOAT32");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStepAllocatesNothing(Kind kind) {
    Random random = new Random(2);
    int units = 120;
    try (Backend backend = new JavaBackend(1);
        Resources made = new Resources()) {
      Model model = Model.of(backend, made, random, 20, units, EgruOptions.defaults(), kind);
      float[] x = new float[40];
      float[] y = new float[2 * units];
      float[] h = new float[2 * units];
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long own = Thread.currentThread().getId();
      try (EgruStream stream = model.stream(2)) {
        long before = 0;
        for (int t = 0; t < 1100; t++) {
          if (t == 100) {
            before = threads.getThreadAllocatedBytes(own);
          }
          x[t % 40] = x[t % 40] == 0 ? 1 : 0;
          stream.step(x, y, h);
        }
        // Less than one byte a step: the measurement itself allocates a little.
        assertThat(threads.getThreadAllocatedBytes(own) - before).isLessThan(1000);
      }
    }
  }

  /**
   * A layer and what feeds it.
   *
   * @param w dense weights of the inputs, 0 where there are no sparse ones
   * @param sparse the same, null where they are dense
   */
  private record Model(DeviceArray w, CsrSynapses sparse, EgruLayer layer) {
    static Model of(
        Backend backend,
        Resources made,
        Random random,
        int inputs,
        int units,
        EgruOptions options,
        Kind kind) {
      DeviceArray w = made.own(random(backend, random, 0.5, inputs, 3L * units));
      CsrSynapses sparse =
          kind == Kind.DENSE ? null : EgruStreamTest.sparse(backend, made, random, w, units, kind);
      return new Model(
          w, sparse, EgruStreamTest.layer(backend, made, random, units, options, kind));
    }

    EgruStream stream(int batch) {
      return sparse == null ? EgruStream.of(layer, w, batch) : EgruStream.of(layer, sparse, batch);
    }
  }

  private static float[] halfZeros(Random random, int count) {
    float[] x = new float[count];
    for (int k = 0; k < count; k++) {
      x[k] = random.nextBoolean() ? 0 : (float) random.nextGaussian();
    }
    return x;
  }

  /** Half of the weights, of the same units for all gates if so for R; the others set to 0 in w. */
  private static CsrSynapses sparse(
      Backend backend, Resources made, Random random, DeviceArray w, int units, Kind kind) {
    double[] dense = w.toDoubles();
    boolean[] dropped = new boolean[dense.length];
    for (int k = 0; k < dense.length; k++) {
      boolean follows = kind == Kind.SHARED_PATTERN && k % (3 * units) >= units;
      dropped[k] = follows ? dropped[k - units] : random.nextBoolean();
      dense[k] = dropped[k] ? 0 : dense[k];
    }
    w.copyFrom(dense);
    int inputs = (int) w.shape()[0];
    return made.own(CsrSynapses.ofDense(backend, DType.FLOAT32, inputs, 3 * units, dense));
  }

  /** Random values on a pattern, none in the places to spare. */
  private static DeviceArray values(
      Backend backend, Resources made, Random random, RandomPattern pattern, int each) {
    double[] all = new double[pattern.sources() * each * pattern.targets()];
    java.util.Arrays.setAll(all, k -> 0.3 * random.nextGaussian());
    double[] values = pattern.values(all, each, Double.NaN);
    return made.own(backend.allocate(DType.FLOAT32, values.length)).copyFrom(values);
  }

  private static EgruLayer layer(
      Backend backend, Resources made, Random random, int units, EgruOptions options, Kind kind) {
    DeviceArray thresholds = made.own(backend.allocate(DType.FLOAT32, units));
    float[] theta = new float[units];
    for (int m = 0; m < units; m++) {
      theta[m] = 0.2f * random.nextFloat();
    }
    RandomPattern pattern =
        RandomPattern.of(random, units, kind == Kind.OWN_PATTERNS ? 3 * units : units, 0.2);
    return new EgruLayer(
        kind == Kind.DENSE
            ? made.own(random(backend, random, 1 / Math.sqrt(units), units, 3L * units))
            : values(backend, made, random, pattern, kind == Kind.OWN_PATTERNS ? 1 : 3),
        kind == Kind.DENSE ? null : pattern.upload(backend, made, DType.INT32),
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
