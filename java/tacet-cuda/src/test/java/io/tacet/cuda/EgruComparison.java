package io.tacet.cuda;

import static io.tacet.Close.assertClose;

import io.tacet.Backend;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.Resources;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** Event-gated recurrent units of two backends beside each other. */
final class EgruComparison {
  /** Closer to the threshold two backends may disagree about an event. */
  static final double MARGIN = 3e-5;

  private EgruComparison() {}

  /** A problem by the seed, for a variant. */
  record Case(
      String name,
      int steps,
      int batch,
      int units,
      double threshold,
      Consumer<EgruProblem> settings) {

    Case(String name, int steps, int batch, int units, double threshold) {
      this(name, steps, batch, units, threshold, problem -> {});
    }

    Case(String name, Consumer<EgruProblem> settings) {
      this(name, 4, 3, 37, 0.05, settings);
    }

    EgruProblem problem(long seed, EgruVariant variant) {
      EgruProblem problem =
          new EgruProblem(
              seed,
              steps,
              batch,
              units,
              threshold,
              EgruOptions.defaults().variant(variant).surrogate(0.7, 1.3));
      settings.accept(problem);
      return problem;
    }
  }

  /** Looks for a seed with which no unit is near its threshold, then compares everything. */
  static void compare(
      Case example,
      EgruVariant variant,
      Backend java,
      Backend backend,
      double tolerance,
      List<EgruEngine> engines) {
    compare(example, variant, java, backend, MARGIN, tolerance, engines);
  }

  /** The same where backends may disagree about an event from {@code margin} on. */
  static void compare(
      Case example,
      EgruVariant variant,
      Backend java,
      Backend backend,
      double margin,
      double tolerance,
      List<EgruEngine> engines) {
    for (long seed = 1; seed < 100; seed++) {
      EgruProblem problem = example.problem(seed, variant);
      Map<String, double[]> expected = problem.run(java);
      if (problem.margin(expected) < margin) {
        continue;
      }
      EgruOptions options = problem.options;
      for (EgruEngine engine : engines) {
        problem.options = options.engine(engine);
        close(
            example.name() + ", " + variant + ", " + engine + ", seed " + seed,
            problem.run(backend),
            expected,
            tolerance);
      }
      return;
    }
    throw new AssertionError("no seed keeps its distance in " + example.name());
  }

  static void close(
      String what, Map<String, double[]> actual, Map<String, double[]> expected, double tolerance) {
    expected.forEach(
        (name, values) ->
            assertClose(what + ": " + name, actual.get(name), values, tolerance, tolerance));
  }

  /**
   * Asks about a layer and its inputs, whose arrays hold nothing.
   *
   * @param shape steps, batch, units
   */
  static <T> T ask(
      NativeBackend backend,
      EgruOptions options,
      int[] shape,
      BiFunction<EgruLayer, EgruInputs, T> question) {
    long units = shape[2];
    try (Resources own = new Resources()) {
      EgruLayer layer =
          new EgruLayer(
              own.own(backend.allocate(DType.FLOAT32, units, 3 * units)),
              own.own(backend.allocate(DType.FLOAT32, 3 * units)),
              own.own(backend.allocate(DType.FLOAT32, 3 * units)),
              own.own(backend.allocate(DType.FLOAT32, units)),
              options);
      EgruInputs inputs =
          EgruInputs.of(own.own(backend.allocate(DType.FLOAT32, shape[0], shape[1], 3 * units)));
      return question.apply(layer, inputs);
    }
  }
}
