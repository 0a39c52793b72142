package io.tacet.cuda;

import static io.tacet.cuda.EgruComparison.ask;
import static io.tacet.cuda.EgruComparison.compare;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.cuda.EgruComparison.Case;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Event-gated units with {@code tacet.products.factors} against the java backend in float32. */
@Tag("native")
class NativeEgruTensorTest {
  private static final String PROPERTY = "tacet.products.factors";

  /** How far results may be from those of float32; what is sent is up to 9 here. */
  private static final Map<String, Double> BOUNDS = Map.of("bf16x3", 3e-4, "bf16", 0.08);

  /** Closer to the threshold they may disagree about an event. */
  private static final Map<String, Double> MARGINS = Map.of("bf16x3", 1e-4, "bf16", 0.01);

  @AfterEach
  void noPropertyOrArrayStays() {
    System.clearProperty(PROPERTY);
    assertThat(Leaks.open()).isZero();
  }

  static List<Arguments> backends() {
    List<Arguments> all = new ArrayList<>();
    for (Named<Supplier<NativeBackend>> backend : TestBackends.all()) {
      for (String factors : List.of("bf16x3", "bf16")) {
        all.add(Arguments.of(backend, factors));
      }
    }
    return all;
  }

  /** Those with events have few states, so that with some seed none is near its threshold. */
  private static List<Case> cases() {
    return List.of(
        new Case("one step", 1, 2, 17, 0.05),
        new Case("two steps", 2, 1, 17, 0.05),
        new Case("one unit", 3, 2, 1, 0.05),
        new Case("no unit active", 3, 2, 37, 3),
        new Case("all units active", 3, 2, 37, -8),
        new Case(
            "lengths",
            3,
            9,
            37,
            -8,
            problem -> {
              problem.ragged = true;
              problem.reversed = true;
            }),
        new Case(
            "zoneout in training",
            3,
            2,
            37,
            -8,
            problem -> {
              problem.options = problem.options.zoneout(0.3);
              problem.training = true;
            }),
        new Case(
            "without events",
            problem -> {
              problem.options = problem.options.withoutEvents();
              problem.ragged = true;
            }),
        new Case("q computed again", 2, 1, 17, 0.05, problem -> problem.product = false));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void resultsAreThoseOfTheReferenceAsFarAsTheFactorsGo(
      Supplier<NativeBackend> open, String factors) {
    System.setProperty(PROPERTY, factors);
    double margin = MARGINS.get(factors);
    double bound = BOUNDS.get(factors);
    try (Backend java = new JavaBackend(1);
        Backend backend = open.get()) {
      for (EgruVariant variant : EgruVariant.values()) {
        for (Case example : cases()) {
          compare(example, variant, java, backend, margin, bound, List.of(EgruEngine.PERSISTENT));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void plansSayWhichFactorsTheProductsHave(Supplier<NativeBackend> open, String factors) {
    System.setProperty(PROPERTY, factors);
    try (NativeBackend backend = open.get()) {
      EgruPlan plan = plan(backend, EgruOptions.defaults());
      for (EgruPlan.Pass pass : List.of(plan.forward(), plan.backward())) {
        assertThat(pass.engine()).isEqualTo(EgruEngine.PERSISTENT);
        assertThat(pass.factors()).isEqualTo(factors);
        assertThat(pass.toString()).endsWith(" blocks, " + factors + ")");
        assertThat(pass.blocks()).isEqualTo(4);
      }
      EgruPlan paper = plan(backend, EgruOptions.defaults().variant(EgruVariant.PAPER));
      assertThat(paper.forward().factors()).isEqualTo("float32");
      assertThat(paper.backward().factors()).isEqualTo("float32");
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void factorsAreFloat32UnlessTheyAreAskedFor(Supplier<NativeBackend> open, String factors) {
    try (NativeBackend backend = open.get()) {
      EgruPlan plan = plan(backend, EgruOptions.defaults());
      assertThat(plan.forward().factors()).isEqualTo("float32");
      assertThat(plan.toString()).doesNotContain(factors);
    }
  }

  private static EgruPlan plan(NativeBackend backend, EgruOptions options) {
    return ask(backend, options, new int[] {100, 4, 64}, backend::egruPlan);
  }
}
