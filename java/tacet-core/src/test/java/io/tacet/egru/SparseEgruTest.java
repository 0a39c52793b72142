package io.tacet.egru;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.RandomPattern;
import io.tacet.sparse.SparsePattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Recurrent weights on a pattern against the dense layer whose other weights are 0. */
class SparseEgruTest {
  private static final int STEPS = 7;
  private static final double SPARE = 7;

  /**
   * One setting of everything.
   *
   * @param own whether each gate has its own pattern
   * @param indices type of the pattern's indices
   */
  record Case(
      EgruOptions options,
      boolean own,
      DType type,
      DType indices,
      int units,
      int batch,
      boolean training,
      boolean reversed,
      boolean product) {
    int each() {
      return own ? 1 : 3;
    }
  }

  static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    for (EgruVariant variant : EgruVariant.values()) {
      EgruOptions o = EgruOptions.defaults().variant(variant);
      EgruOptions narrow = o.surrogate(2, 6);
      for (boolean own : new boolean[] {false, true}) {
        DType d = DType.FLOAT64;
        all.add(new Case(o, own, d, DType.INT32, 37, 1, false, false, true));
        all.add(new Case(narrow, own, d, DType.UINT16, 37, 3, false, true, true));
        all.add(new Case(narrow.zoneout(0.3), own, d, DType.INT32, 66, 5, true, true, false));
        all.add(new Case(o.zoneout(0.2), own, d, DType.UINT16, 9, 2, false, false, false));
        all.add(new Case(o.withoutEvents(), own, d, DType.UINT16, 23, 2, false, true, true));
        all.add(
            new Case(o.engine(EgruEngine.EVENT), own, d, DType.INT32, 100, 33, false, false, true));
        all.add(new Case(narrow, own, DType.FLOAT32, DType.UINT16, 40, 3, true, true, true));
      }
    }
    return all;
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void valuesAndGradientsAreThoseOfTheMaskedDenseLayer(Case example) {
    SplittableRandom random = new SplittableRandom(example.units());
    RandomPattern pattern = pattern(example, random);
    double[] dense = masked(example, pattern, random);
    Map<String, double[]> expected = run(example, null, dense, 1);
    Map<String, double[]> found = run(example, pattern, dense, 2);
    double[] gradient = pattern.values(expected.get("recurrent"), example.each(), SPARE);
    expected.put("recurrent", gradient);
    double tolerance = example.type() == DType.FLOAT64 ? 1e-12 : 1e-4;
    expected.forEach((name, values) -> assertClose(name, found.get(name), values, tolerance));
    assertThat(DoubleStream.of(expected.get("y"))).as("some events").anyMatch(y -> y != 0);
    assertThat(DoubleStream.of(gradient)).anyMatch(g -> g != 0 && g != SPARE);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void resultsDoNotDependOnTheNumberOfThreads(Case example) {
    SplittableRandom random = new SplittableRandom(3);
    RandomPattern pattern = pattern(example, random);
    double[] dense = masked(example, pattern, random);
    Map<String, double[]> one = run(example, pattern, dense, 1);
    Map<String, double[]> three = run(example, pattern, dense, 3);
    one.forEach((name, values) -> assertThat(three.get(name)).as(name).isEqualTo(values));
  }

  private static RandomPattern pattern(Case example, SplittableRandom random) {
    int units = example.units();
    return RandomPattern.of(random, units, example.own() ? 3 * units : units, 0.2);
  }

  private static double[] masked(Case example, RandomPattern pattern, SplittableRandom random) {
    double[] dense =
        random.doubles(3L * example.units() * example.units(), -1, 1).map(w -> 0.7 * w).toArray();
    pattern.mask(dense, example.each());
    return dense;
  }

  /** Everything that a forward and a backward pass give; of the dense layer without a pattern. */
  private static Map<String, double[]> run(
      Case example, RandomPattern pattern, double[] dense, int threads) {
    SplittableRandom random = new SplittableRandom(17);
    int units = example.units();
    int batch = example.batch();
    Map<String, double[]> all = new LinkedHashMap<>();
    try (Backend backend = new JavaBackend(threads);
        Resources made = new Resources()) {
      Arrays arrays = new Arrays(backend, made, example.type(), random);
      SparsePattern on = pattern == null ? null : pattern.upload(backend, made, example.indices());
      double[] values = pattern == null ? dense : pattern.values(dense, example.each(), Double.NaN);
      EgruLayer layer = layer(example, arrays, on, values);
      EgruState first = arrays.state(batch, units);
      EgruState last = arrays.state(batch, units);
      DeviceArray lengths = made.own(backend.of(random.ints(batch, 1, STEPS + 1).toArray()));
      DeviceArray currents = arrays.random(STEPS, batch, 3L * units);
      EgruInputs in = new EgruInputs(currents, lengths, first, example.training(), 5);
      in = example.reversed() ? in.backwardInTime() : in;
      DeviceArray y = arrays.zeros(STEPS, batch, units);
      DeviceArray trace = arrays.zeros(batch, units);
      EgruTape tape = made.own(tape(backend, example));
      Egru.forward(layer, in, new EgruOutputs(y, trace, last, null), tape);
      EgruErrors errors =
          new EgruErrors(
              arrays.random(STEPS, batch, units),
              arrays.random(batch, units),
              arrays.state(batch, units),
              arrays.random(units));
      DeviceArray recurrent = arrays.zeros(values.length);
      double[] spare = new double[values.length];
      if (pattern != null) {
        java.util.Arrays.fill(spare, example.each() * pattern.count(), spare.length, SPARE);
      }
      recurrent.copyFrom(spare);
      EgruGradients gradients =
          new EgruGradients(
              currents,
              recurrent,
              arrays.zeros(3L * units),
              arrays.zeros(3L * units),
              arrays.zeros(units),
              arrays.state(batch, units));
      Egru.backward(layer, in, tape, errors, gradients);
      all.put("y", y.toDoubles());
      all.put("trace", trace.toDoubles());
      all.put("last h", last.h().toDoubles());
      all.put("currents", currents.toDoubles());
      all.put("recurrent", recurrent.toDoubles());
      all.put("inputBias", gradients.inputBias().toDoubles());
      all.put("recurrentBias", gradients.recurrentBias().toDoubles());
      all.put("thresholds", gradients.thresholds().toDoubles());
      all.put("first y", gradients.initial().y().toDoubles());
      all.put("first h", gradients.initial().h().toDoubles());
      // What the initial state does not need is left out of the last product.
      Egru.backward(
          layer, in, tape, errors, new EgruGradients(currents, null, null, null, null, null));
      all.put("currents again", currents.toDoubles());
    }
    return all;
  }

  private static EgruLayer layer(Case example, Arrays arrays, SparsePattern on, double[] values) {
    int units = example.units();
    DeviceArray recurrent =
        on == null ? arrays.zeros(units, 3L * units) : arrays.zeros(values.length);
    return new EgruLayer(
        recurrent.copyFrom(values),
        on,
        arrays.random(3L * units),
        arrays.random(3L * units),
        arrays.positive(units),
        example.options());
  }

  private static EgruTape tape(Backend backend, Case example) {
    return example.product()
        ? EgruTape.of(backend, example.type(), STEPS, example.batch(), example.units())
        : EgruTape.withoutProduct(backend, example.type(), STEPS, example.batch(), example.units());
  }

  /** Arrays of one type that someone else closes. */
  private record Arrays(Backend backend, Resources owner, DType type, SplittableRandom source) {
    DeviceArray zeros(long... shape) {
      return owner.own(backend.allocate(type, shape));
    }

    DeviceArray random(long... shape) {
      DeviceArray array = zeros(shape);
      return array.copyFrom(source.doubles(array.length(), -1, 1).toArray());
    }

    DeviceArray positive(long... shape) {
      DeviceArray array = zeros(shape);
      return array.copyFrom(source.doubles(array.length(), 0, 0.4).toArray());
    }

    EgruState state(int batch, int units) {
      return new EgruState(positive(batch, units), random(batch, units));
    }
  }

  @Test
  void patternsThatDoNotFitAreRefusedByName() {
    try (Backend backend = new JavaBackend(1);
        Resources made = new Resources()) {
      Arrays arrays = new Arrays(backend, made, DType.FLOAT32, new SplittableRandom(1));
      DeviceArray offsets = made.own(backend.of(new int[] {0, 1, 2}));
      DeviceArray indices = made.own(backend.of(new int[] {1, 0}));
      SparsePattern shared = new SparsePattern(2, 2, offsets, indices);
      SparsePattern own = new SparsePattern(2, 6, offsets, indices);
      SparsePattern other = new SparsePattern(2, 4, offsets, indices);
      DeviceArray two = arrays.zeros(2);
      DeviceArray six = arrays.zeros(6);
      EgruOptions o = EgruOptions.defaults();
      refused(() -> new EgruLayer(two, other, six, six, two, o), "pattern", "2 targets", "got 4");
      refused(() -> new EgruLayer(two, shared, six, six, two, o), "recurrent", "expected 6");
      refused(() -> new EgruLayer(six, own, six, six, two, o), "recurrent", "expected 2");
      refused(() -> new EgruLayer(six, shared, two, six, two, o), "inputBias", "expected 6");
      refused(() -> new EgruLayer(offsets, own, six, six, two, o), "recurrent", "floating");
      for (EgruEngine engine : new EgruEngine[] {EgruEngine.DENSE, EgruEngine.PERSISTENT}) {
        refused(
            () -> new EgruLayer(six, shared, six, six, two, o.engine(engine)),
            "options.engine",
            "EVENT");
      }
      assertThat(new EgruLayer(six, shared, six, six, two, o).gatesPerSynapse()).isEqualTo(3);
      assertThat(new EgruLayer(two, own, six, six, two, o).gatesPerSynapse()).isEqualTo(1);

      EgruLayer layer = new EgruLayer(two, own, six, six, two, o);
      EgruInputs in = EgruInputs.of(arrays.zeros(1, 1, 6));
      EgruTape tape = made.own(EgruTape.of(backend, DType.FLOAT32, 1, 1, 2));
      EgruGradients wrong = new EgruGradients(in.currents(), six, null, null, null, null);
      refused(
          () -> Egru.backward(layer, in, tape, new EgruErrors(null, null, null, null), wrong),
          "gradients.recurrent",
          "expected 2");
      try (Backend elsewhere = new JavaBackend(1);
          DeviceArray theirs = elsewhere.allocate(DType.FLOAT32, 2)) {
        refused(() -> new EgruLayer(theirs, own, six, six, two, o), "recurrent", "java");
      }
    }
  }

  private static void refused(Runnable call, String... words) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }
}
