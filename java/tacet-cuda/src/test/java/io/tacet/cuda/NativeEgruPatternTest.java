package io.tacet.cuda;

import static io.tacet.cuda.EgruComparison.compare;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.cuda.EgruComparison.Case;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Event-gated recurrent units with recurrent weights on sparse patterns against the java backend in
 * double precision, where the same weights are dense and 0 without a synapse.
 */
@Tag("native")
class NativeEgruPatternTest {
  /** AUTO multiplies by target without events and where much activity is announced. */
  private static final List<EgruEngine> ENGINES = List.of(EgruEngine.AUTO, EgruEngine.EVENT);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  private static Case sized(String name, int steps, int batch, int units) {
    return new Case(name, steps, batch, units, 0.05);
  }

  private static List<Case> cases() {
    return List.of(
        sized("odd sizes", 4, 3, 37),
        sized("one sample, one step", 1, 1, 33),
        sized("one sample", 4, 1, 40),
        sized("one unit", 3, 2, 1),
        sized("a full group of samples", 2, 8, 20),
        sized("more samples than a group", 2, 17, 20),
        sized("several tiles", 2, 2, 150),
        new Case("no unit active", 3, 2, 37, 3),
        new Case("all units active", 3, 2, 37, -8),
        new Case(
            "zoneout in training",
            problem -> {
              problem.options = problem.options.zoneout(0.3);
              problem.training = true;
            }),
        new Case("lengths", problem -> problem.ragged = true),
        new Case("much activity", problem -> problem.activity = 1),
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

  private static void compareAll(
      Supplier<NativeBackend> open, String what, Consumer<EgruProblem> pattern) {
    try (Backend java = new JavaBackend(1);
        Backend backend = open.get()) {
      for (EgruVariant variant : EgruVariant.values()) {
        for (Case c : cases()) {
          Case sparse =
              new Case(
                  c.name() + ", " + what,
                  c.steps(),
                  c.batch(),
                  c.units(),
                  c.threshold(),
                  problem -> {
                    c.settings().accept(problem);
                    pattern.accept(problem);
                  });
          compare(sparse, variant, java, backend, 2e-5, ENGINES);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aPatternThatGatesShareIsTheReference(Supplier<NativeBackend> open) {
    compareAll(open, "shared, 16 bits", problem -> problem.sparse(true, 0.3, true, 4));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void patternsOfEachGatesOwnAreTheReference(Supplier<NativeBackend> open) {
    compareAll(open, "own, 32 bits", problem -> problem.sparse(false, 0.3, false, 7));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void patternsOfBothWidthsAndOfAnyDensityAreTheReference(Supplier<NativeBackend> open) {
    try (Backend java = new JavaBackend(1);
        Backend backend = open.get()) {
      for (boolean shared : new boolean[] {true, false}) {
        for (double density : new double[] {0, 0.05, 1}) {
          Case example =
              new Case(
                  "density " + density + ", shared " + shared,
                  problem -> problem.sparse(shared, density, !shared, 0));
          compare(example, EgruVariant.CELL_RESET_AFTER, java, backend, 2e-5, ENGINES);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aPassIsBitwiseTheSameOnEveryRun(Supplier<NativeBackend> open) {
    EgruOptions options = EgruOptions.defaults().engine(EgruEngine.EVENT);
    EgruProblem problem = new EgruProblem(4, 4, 3, 150, 0.05, options);
    problem.sparse(true, 0.3, true, 0);
    try (Backend backend = open.get()) {
      Map<String, double[]> first = problem.run(backend);
      problem
          .run(backend)
          .forEach((name, values) -> assertThat(values).as(name).isEqualTo(first.get(name)));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void plansTellWhichProductsRun(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get();
        Resources own = new Resources()) {
      RandomPattern pattern = new RandomPattern(1, 64, 64, 3, 0.5, true, 0);
      double[] weights = new double[3 * 64 * 64];
      EgruLayer layer =
          new EgruLayer(
              pattern.values(backend, own, weights),
              pattern.on(backend, own),
              own.own(backend.allocate(DType.FLOAT32, 192)),
              own.own(backend.allocate(DType.FLOAT32, 192)),
              own.own(backend.allocate(DType.FLOAT32, 64)),
              EgruOptions.defaults());
      EgruInputs inputs = EgruInputs.of(own.own(backend.allocate(DType.FLOAT32, 5, 4, 192)));
      assertThat(backend.egruPlan(layer, inputs.activity(0.1)).forward().engine())
          .isEqualTo(EgruEngine.EVENT);
      assertThat(backend.egruPlan(layer, inputs.activity(0.9)).forward().engine())
          .isEqualTo(EgruEngine.DENSE);
      assertThat(backend.egruPlan(layer, inputs).backward().engine()).isEqualTo(EgruEngine.EVENT);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void enginesThatNeedDenseWeightsAreRefused(Supplier<NativeBackend> open) {
    EgruOptions options = EgruOptions.defaults().engine(EgruEngine.PERSISTENT);
    EgruProblem problem = new EgruProblem(1, 2, 2, 8, 0.05, options);
    problem.sparse(true, 0.3, true, 0);
    try (Backend backend = open.get()) {
      assertThatThrownBy(() -> problem.run(backend))
          .hasMessageContaining("expected AUTO or EVENT")
          .hasMessageContaining("PERSISTENT");
    }
  }
}
