package io.tacet.systems.metacog;

import io.tacet.analysis.RocArea;
import io.tacet.systems.Report;
import io.tacet.systems.Validation;
import io.tacet.systems.ValidationRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Acceptance test C: fidelity of similarity, metacognitive sensitivity, monitor and gate. */
public final class MetacognitionValidation implements Validation {
  private static final List<Code.Kind> ALL =
      List.of(Code.Kind.DENSE, Code.Kind.SMOOTH, Code.Kind.SPARSE_SMOOTH, Code.Kind.WIDER_SMOOTH);

  private static final List<Code.Kind> FEW = List.of(Code.Kind.DENSE, Code.Kind.SPARSE_SMOOTH);
  private static final String PROTOTYPE = " by the prototype";

  /** What the docstring of metadpy gives for these counts of ratings. */
  private static final double GOLDEN = .6998064266356949;

  private static final int[] FIRST = {36, 24, 17, 20, 10, 12, 9, 2};
  private static final int[] SECOND = {1, 4, 10, 11, 19, 18, 28, 39};

  @Override
  public String name() {
    return "metacog";
  }

  @Override
  public String title() {
    return "Sparse and smooth codes, similarity read-out and reality monitor";
  }

  @Override
  public String source() {
    return "Talk of H. Lau (talks.cam.ac.uk/talk/index/161014), without code or figures;"
        + " specification and prototype are ours";
  }

  @Override
  public void run(ValidationRun run, Report report) throws IOException {
    report.atMost(
        "C1",
        "error of the type-2 area of rated decisions",
        Math.abs(RocArea.ofRatings(FIRST, SECOND, 0.5) - GOLDEN),
        1e-12,
        GOLDEN + " in the docstring of metadpy");
    List<Code.Kind> kinds = run.quick() ? FEW : ALL;
    int trials = run.trials(6000, 3000);
    int seeds = run.seeds(8, 1);
    List<CodeFigures> results =
        run.each(
            seeds * kinds.size(),
            (backend, index) ->
                CodeFigures.of(
                    backend, kinds.get(index % kinds.size()), index / kinds.size(), trials));
    Map<Code.Kind, List<CodeFigures>> byKind = new LinkedHashMap<>();
    for (int k = 0; k < results.size(); k++) {
      byKind
          .computeIfAbsent(kinds.get(k % kinds.size()), kind -> new ArrayList<>())
          .add(results.get(k));
    }
    byKind.forEach((kind, figures) -> tell(report, kind, figures));
    gates(report, byKind);
    new MetacognitionPictures(byKind).write(run.out());
  }

  private static void gates(Report report, Map<Code.Kind, List<CodeFigures>> byKind) {
    List<CodeFigures> dense = byKind.get(Code.Kind.DENSE);
    List<CodeFigures> chosen = byKind.get(Code.Kind.SPARSE_SMOOTH);
    if (byKind.containsKey(Code.Kind.SMOOTH)) {
      double smooth = mean(byKind.get(Code.Kind.SMOOTH), CodeFigures::fidelity);
      double wider = mean(byKind.get(Code.Kind.WIDER_SMOOTH), CodeFigures::fidelity);
      report.atLeast(
          "C2",
          "rho winners32-smooth less dense",
          wider - mean(dense, CodeFigures::fidelity),
          0.04,
          ".079" + PROTOTYPE);
      report.atLeast("C2", "rho smooth", smooth, 0.85, ".896" + PROTOTYPE);
    }
    for (List<CodeFigures> figures : List.of(dense, chosen)) {
      report.within(
          "C3",
          (figures == dense ? "dense" : "winners16-smooth") + " accuracy at matched noise",
          worstAccuracy(figures),
          0.74,
          0.76,
          "");
    }
    double sensitivity = mean(chosen, f -> f.trials().sensitivity());
    report.atLeast(
        "C3",
        "type-2 area winners16-smooth less dense",
        sensitivity - mean(dense, f -> f.trials().sensitivity()),
        0.05,
        ".080" + PROTOTYPE);
    report.atLeast("C3", "type-2 area winners16-smooth", sensitivity, 0.82, ".849" + PROTOTYPE);
    report.atMost(
        "C4",
        "active fraction winners16-smooth",
        mean(chosen, CodeFigures::active),
        0.07,
        ".056" + PROTOTYPE);
    report.within(
        "C4",
        "accuracy at noise .6 winners16-smooth less dense",
        mean(chosen, CodeFigures::accuracy) - mean(dense, CodeFigures::accuracy),
        -0.01,
        0.01,
        ".002" + PROTOTYPE);
    monitor(report, chosen.stream().map(CodeFigures::monitor).toList());
  }

  private static void monitor(Report report, List<MonitorFigures> monitors) {
    report.atLeast(
        "C5",
        "monitor area, correct against wrong, imagery and noise",
        mean(monitors, MonitorFigures::area),
        0.92,
        ".946" + PROTOTYPE);
    report.atLeast(
        "C5",
        "monitor area, real against imagery",
        mean(monitors, MonitorFigures::imagery),
        0.97,
        ".973 to 1" + PROTOTYPE);
    report.atLeast(
        "C5",
        "hit rate on clean stimuli at 5 % false assertions",
        mean(monitors, MonitorFigures::hits),
        0.95,
        ".93 to 1" + PROTOTYPE);
    report.atMost(
        "C5",
        "expected calibration error",
        mean(monitors, MonitorFigures::calibration),
        0.08,
        ".03 to .05" + PROTOTYPE);
    report.atMost(
        "C6",
        "change of forced-choice accuracy without a monitor",
        monitors.stream()
            .mapToDouble(m -> Math.abs(m.blindAccuracy() - m.accuracy()))
            .max()
            .orElse(Double.NaN),
        1e-12,
        "");
    report.atMost(
        "C6",
        "assertions without a monitor",
        monitors.stream().mapToDouble(MonitorFigures::blindAssertions).max().orElse(Double.NaN),
        0,
        "");
  }

  /** That of the seed farthest from three in four. */
  private static double worstAccuracy(List<CodeFigures> figures) {
    double worst = 0.75;
    for (CodeFigures one : figures) {
      double accuracy = one.trials().accuracy();
      worst = Math.abs(accuracy - 0.75) > Math.abs(worst - 0.75) ? accuracy : worst;
    }
    return worst;
  }

  private static void tell(Report report, Code.Kind kind, List<CodeFigures> figures) {
    tell(report, kind, "active fraction", figures, CodeFigures::active);
    tell(report, kind, "rho", figures, CodeFigures::fidelity);
    tell(report, kind, "rho within 45 degrees", figures, CodeFigures::localFidelity);
    tell(report, kind, "accuracy at noise .6", figures, CodeFigures::accuracy);
    tell(report, kind, "noise at 75 %", figures, CodeFigures::noise);
    tell(report, kind, "type-2 area at 75 %", figures, f -> f.trials().sensitivity());
    tell(report, kind, "type-2 area, mixed noise", figures, CodeFigures::mixed);
    tell(report, kind, "monitor area", figures, f -> f.monitor().area());
    tell(report, kind, "monitor area against imagery", figures, f -> f.monitor().imagery());
    tell(report, kind, "hit rate on clean stimuli", figures, f -> f.monitor().hits());
    tell(report, kind, "hit rate, cautious gate", figures, f -> f.monitor().cautiousHits());
    tell(report, kind, "calibration error", figures, f -> f.monitor().calibration());
    tell(report, kind, "accuracy of all decisions", figures, f -> f.monitor().accuracy());
    tell(report, kind, "accuracy of asserted ones", figures, f -> f.monitor().selective());
  }

  private static void tell(
      Report report,
      Code.Kind kind,
      String what,
      List<CodeFigures> figures,
      ToDoubleFunction<CodeFigures> of) {
    report.figure(kind.name() + ", " + what, mean(figures, of), "");
    if (figures.size() > 1) {
      report.figure(kind.name() + ", " + what + ", standard deviation", deviation(figures, of), "");
    }
  }

  private static <T> double mean(List<T> figures, ToDoubleFunction<T> of) {
    return figures.stream().mapToDouble(of).average().orElse(Double.NaN);
  }

  private static <T> double deviation(List<T> figures, ToDoubleFunction<T> of) {
    double mean = mean(figures, of);
    double squares = figures.stream().mapToDouble(of).map(x -> (x - mean) * (x - mean)).sum();
    return Math.sqrt(squares / (figures.size() - 1));
  }
}
