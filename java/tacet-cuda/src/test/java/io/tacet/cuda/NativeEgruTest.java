package io.tacet.cuda;

import static io.tacet.cuda.EgruComparison.MARGIN;
import static io.tacet.cuda.EgruComparison.ask;
import static io.tacet.cuda.EgruComparison.close;
import static io.tacet.cuda.EgruComparison.compare;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.cuda.EgruComparison.Case;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Event-gated recurrent units against the java backend in float32. */
@Tag("native")
class NativeEgruTest {
  private static final List<EgruEngine> ENGINES =
      List.of(EgruEngine.EVENT, EgruEngine.DENSE, EgruEngine.PERSISTENT);

  private static final List<EgruEngine> AUTO = List.of(EgruEngine.AUTO);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  static Stream<Arguments> numbered() {
    return TestBackends.numbered();
  }

  private static List<Case> cases() {
    return List.of(
        new Case("odd sizes", 4, 3, 37, 0.05),
        new Case("one sample, one step", 1, 1, 33, 0.05),
        new Case("one unit", 3, 2, 1, 0.05),
        new Case("aligned rows", 2, 2, 132, 0.05),
        new Case("more samples than a group", 2, 11, 20, 0.05),
        new Case("no unit active", 3, 2, 37, 3),
        new Case("all units active", 3, 2, 37, -8),
        new Case(
            "zoneout in training",
            problem -> {
              problem.options = problem.options.zoneout(0.3);
              problem.training = true;
            }),
        new Case(
            "zoneout in evaluation", problem -> problem.options = problem.options.zoneout(0.3)),
        new Case("clip", problem -> problem.options = problem.options.clip(0.4)),
        new Case(
            "clip of a GRU",
            problem -> problem.options = problem.options.withoutEvents().clip(0.3)),
        new Case("lengths", problem -> problem.ragged = true),
        new Case(
            "a tape without the product",
            problem -> {
              problem.ragged = true;
              problem.product = false;
            }),
        new Case(
            "backward in time",
            problem -> {
              problem.ragged = true;
              problem.reversed = true;
            }),
        new Case(
            "from zeros",
            problem -> {
              problem.firstY = null;
              problem.firstH = null;
            }),
        new Case(
            "without events",
            problem -> {
              problem.options = problem.options.withoutEvents();
              problem.ragged = true;
            }));
  }

  /** Every case by every engine; a schedule has one of the variants, the next one the other. */
  @ParameterizedTest
  @MethodSource("numbered")
  void everyEngineIsTheReference(Supplier<NativeBackend> open, int schedule) {
    try (Backend java = new JavaBackend(1);
        Backend backend = open.get()) {
      int number = 0;
      for (Case example : cases()) {
        for (EgruVariant variant : EgruVariant.values()) {
          int first = number++ + schedule;
          List<EgruEngine> engines =
              ENGINES.stream()
                  .filter(engine -> schedule < 0 || (first + ENGINES.indexOf(engine)) % 2 == 0)
                  .toList();
          compare(example, variant, java, backend, 2e-5, engines);
        }
        number++;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void compactTapesAreThoseOfTheReference(Supplier<NativeBackend> open) {
    try (Backend java = new JavaBackend(1);
        Backend backend = open.get()) {
      for (EgruVariant variant : EgruVariant.values()) {
        // A gate between two of its 8-bit neighbours may be rounded to either.
        compare(
            new Case("compact", problem -> problem.compact = true),
            variant,
            java,
            backend,
            0.02,
            ENGINES);
        compare(
            new Case(
                "compact without the product",
                problem -> {
                  problem.compact = true;
                  problem.product = false;
                }),
            variant,
            java,
            backend,
            0.02,
            ENGINES);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aProductComputedAgainIsTheOneThatWasKept(Supplier<NativeBackend> open) {
    try (Backend backend = open.get()) {
      for (EgruEngine engine : ENGINES) {
        EgruOptions options = EgruOptions.defaults().engine(engine);
        EgruProblem problem = new EgruProblem(3, 5, 3, 37, 0.05, options);
        problem.ragged = true;
        Map<String, double[]> kept = problem.run(backend);
        problem.product = false;
        close("computed again, " + engine, problem.run(backend), kept, 2e-6);
      }
      // Without events the tape gives what was sent exactly, and DENSE adds up in the same order.
      EgruOptions plain = EgruOptions.defaults().withoutEvents().engine(EgruEngine.DENSE);
      EgruProblem problem = new EgruProblem(3, 5, 3, 37, 0.05, plain);
      Map<String, double[]> kept = problem.run(backend);
      problem.product = false;
      problem
          .run(backend)
          .forEach((name, values) -> assertThat(values).as(name).isEqualTo(kept.get(name)));
    }
  }

  /**
   * Pairs of steps along the path of the reference, forward and back: the second one's adjoint
   * leaves out units of the first that are beyond the reach of the surrogate, which is narrow here.
   * Pairs in which a unit is so near its threshold that it may be on either side are left out. A
   * schedule has each pair by one of the engines, the next one by the next.
   */
  @ParameterizedTest
  @MethodSource("numbered")
  void everyStepOfALongSequenceIsThatOfTheReference(Supplier<NativeBackend> open, int schedule) {
    EgruOptions narrow = EgruOptions.defaults().surrogate(0.7, 4);
    try (Backend java = new JavaBackend(1);
        Backend backend = open.get()) {
      for (EgruVariant variant : EgruVariant.values()) {
        EgruOptions options = narrow.variant(variant);
        follow(new EgruProblem(5, 12, 5, 96, 0.1, options), java, backend, schedule);
        follow(new EgruProblem(6, 12, 5, 96, 0.1, options.zoneout(0.2)), java, backend, schedule);
        EgruProblem training = new EgruProblem(7, 12, 5, 96, 0.1, options.zoneout(0.2));
        training.training = true;
        follow(training, java, backend, schedule);
      }
    }
  }

  private static void follow(EgruProblem problem, Backend java, Backend backend, int schedule) {
    EgruOptions options = problem.options;
    double[] y = problem.firstY;
    double[] h = problem.firstH;
    int compared = 0;
    for (int t = 0; t < problem.steps; t += 2) {
      EgruProblem pair = problem.window(t, 2, y, h);
      Map<String, double[]> expected = pair.run(java);
      y = expected.get("last y");
      h = expected.get("last h");
      if (pair.margin(expected) < MARGIN) {
        continue;
      }
      assertThat(unitsOutOfReach(pair, expected)).isBetween(0.1, 0.9);
      for (EgruEngine engine : ENGINES) {
        if (TestBackends.takes(schedule, compared + ENGINES.indexOf(engine))) {
          pair.options = options.engine(engine);
          close(options + ", " + engine + ", step " + t, pair.run(backend), expected, 2e-5);
        }
      }
      compared++;
    }
    // Each engine has had a pair.
    assertThat(compared).isGreaterThan(problem.steps / 4);
  }

  /** Fraction of units without an event that the surrogate of the first step does not reach. */
  private static double unitsOutOfReach(EgruProblem problem, Map<String, double[]> result) {
    int states = problem.batch * problem.units;
    double reach = 1 / problem.options.sharpness();
    int idle = 0;
    for (int k = 0; k < states; k++) {
      idle += result.get("y")[k] == 0 && problem.distance(result, k) < -reach ? 1 : 0;
    }
    return (double) idle / states;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void theStateIsCarriedFromCallToCall(Supplier<NativeBackend> open) {
    try (Backend backend = open.get()) {
      EgruProblem whole = new EgruProblem(8, 2, 2, 40, 0.05, EgruOptions.defaults());
      Map<String, double[]> all = whole.run(backend, false);
      Map<String, double[]> first = whole.step(0, whole.firstY, whole.firstH).run(backend, false);
      Map<String, double[]> second =
          whole.step(1, first.get("last y"), first.get("last h")).run(backend, false);
      assertThat(second.get("last h")).isEqualTo(all.get("last h"));
      assertThat(second.get("last y")).isEqualTo(all.get("last y"));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void theEngineIsChosenByShape(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get()) {
      assertThat(engine(backend, EgruOptions.defaults(), 2, 64)).isEqualTo(EgruEngine.PERSISTENT);
      assertThat(engine(backend, EgruOptions.defaults(), 1, 2, 64)).isEqualTo(EgruEngine.EVENT);
      assertThat(engine(backend, EgruOptions.defaults(), 64, 64)).isEqualTo(EgruEngine.DENSE);
      assertThat(engine(backend, EgruOptions.defaults().variant(EgruVariant.PAPER), 2, 64))
          .isEqualTo(EgruEngine.PERSISTENT);
      assertThat(engine(backend, EgruOptions.defaults().engine(EgruEngine.EVENT), 64, 64))
          .isEqualTo(EgruEngine.EVENT);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void theEngineIsChosenByTheActivityWhereItIsKnown(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get()) {
      EgruOptions options = EgruOptions.defaults();
      assertThat(engine(backend, options, 2, 64, 64, 0.02)).isEqualTo(EgruEngine.EVENT);
      assertThat(engine(backend, options, 2, 64, 64, 0.3)).isEqualTo(EgruEngine.DENSE);
      assertThat(engine(backend, options, 2, 8, 64, 0.3)).isEqualTo(EgruEngine.EVENT);
      assertThat(engine(backend, options, 2, 8, 64, 0.7)).isEqualTo(EgruEngine.DENSE);
      assertThat(engine(backend, options.engine(EgruEngine.DENSE), 2, 64, 64, 0.02))
          .isEqualTo(EgruEngine.DENSE);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void resultsDoNotDependOnWhatIsSaidAboutTheActivity(Supplier<NativeBackend> open) {
    try (Backend java = new JavaBackend(1);
        Backend backend = open.get()) {
      for (double activity : new double[] {0, 1}) {
        Case example =
            new Case("activity " + activity, 2, 40, 12, 0.05, p -> p.activity = activity);
        compare(example, EgruVariant.CELL_RESET_AFTER, java, backend, 2e-5, AUTO);
      }
    }
  }

  private static EgruEngine engine(
      NativeBackend backend, EgruOptions options, int batch, int units) {
    return engine(backend, options, 100, batch, units);
  }

  private static EgruEngine engine(
      NativeBackend backend, EgruOptions options, int steps, int batch, int units) {
    return engine(backend, options, steps, batch, units, Double.NaN);
  }

  private static EgruEngine engine(
      NativeBackend backend,
      EgruOptions options,
      int steps,
      int batch,
      int units,
      double activity) {
    return ask(
        backend,
        options,
        new int[] {steps, batch, units},
        (layer, inputs) -> backend.egruEngine(layer, inputs.activity(activity)));
  }
}
