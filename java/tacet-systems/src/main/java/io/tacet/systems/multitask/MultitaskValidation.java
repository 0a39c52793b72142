package io.tacet.systems.multitask;

import io.tacet.systems.Report;
import io.tacet.systems.Validation;
import io.tacet.systems.ValidationRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Rich and lazy learning of two tasks, and Hebbian gating of their contexts. */
public final class MultitaskValidation implements Validation {
  private static final int SEEDS = 20;
  private static final int FEW_SEEDS = 2;

  /** Of figures without gates. */
  private static final int SOME_SEEDS = 4;

  private static final double SLUGGISH = 0.05;
  private static final double[] DENSITIES = {0.5, 0.2, 0.04};
  private static final RichLazy[] SCALES = {
    new RichLazy(0.1, 0.5, 1, RichLazy.UPDATES),
    new RichLazy(0.2, 0.5, 1, RichLazy.UPDATES),
    new RichLazy(0.4, 0.5, 1, RichLazy.UPDATES),
    new RichLazy(1, 0.8, 1, RichLazy.UPDATES),
    new RichLazy(2, 1.35, 1, RichLazy.UPDATES)
  };
  private static final double[] ALPHAS = {SLUGGISH, 0.1, 0.2, 0.3, 0.5, 0.75, 1};

  @Override
  public String name() {
    return "multitask";
  }

  @Override
  public String title() {
    return "Two tasks in rich and lazy networks, and Hebbian gating of their contexts";
  }

  @Override
  public String source() {
    return "Flesch, Juechems, Dumbalska, Saxe and Summerfield 2022, Neuron 110:1258; Flesch, Nagy,"
        + " Saxe and Summerfield 2023, PLoS Computational Biology 19:e1010808";
  }

  @Override
  public void run(ValidationRun run, Report report) throws IOException {
    OjaGates.run(run, report);
    MultitaskPictures pictures = new MultitaskPictures(run.out());
    richAndLazy(run, report, pictures);
    contexts(run, report, pictures);
  }

  private static void richAndLazy(ValidationRun run, Report report, MultitaskPictures pictures)
      throws IOException {
    int seeds = run.seeds(SEEDS, FEW_SEEDS);
    List<RichLazy> models = List.of(RichLazy.RICH, RichLazy.LAZY, RichLazy.LAZY.withDensity(0.1));
    List<List<RichLazy.Outcome>> all = networks(run, models, seeds);
    List<RichLazy.Outcome> rich = all.get(0);
    List<RichLazy.Outcome> lazy = all.get(1);
    gatesOfScale(report, rich, lazy);
    gatesOfDensity(report, lazy, all.get(2));
    pictures.richAndLazy(rich, lazy);
    if (!run.quick()) {
      sweeps(run, report, Math.min(seeds, SOME_SEEDS));
    }
  }

  private static List<List<RichLazy.Outcome>> networks(
      ValidationRun run, List<RichLazy> models, int seeds) {
    List<RichLazy.Outcome> flat =
        run.each(
            models.size() * seeds, (backend, k) -> models.get(k / seeds).train(backend, k % seeds));
    List<List<RichLazy.Outcome>> all = new ArrayList<>();
    for (int m = 0; m < models.size(); m++) {
      all.add(flat.subList(m * seeds, (m + 1) * seeds));
    }
    return all;
  }

  private static void gatesOfScale(
      Report report, List<RichLazy.Outcome> rich, List<RichLazy.Outcome> lazy) {
    List<RichLazy.Outcome> both = new ArrayList<>(rich);
    both.addAll(lazy);
    double least = both.stream().mapToDouble(RichLazy.Outcome::accuracy).min().orElse(Double.NaN);
    report.atLeast("E1", "least accuracy of all networks", least, 1, "1");
    report.atLeast(
        "E1",
        "orthogonal, rich - lazy",
        mean(rich, RichLazy.Outcome::orthogonal) - mean(lazy, RichLazy.Outcome::orthogonal),
        0.25,
        "t=20.3");
    report.atLeast(
        "E1",
        "grid, lazy - rich",
        mean(lazy, RichLazy.Outcome::grid) - mean(rich, RichLazy.Outcome::grid),
        0.3,
        "t=29.0");
    double ratio =
        mean(rich, RichLazy.Outcome::updatesToAll) / mean(lazy, RichLazy.Outcome::updatesToAll);
    report.atLeast("E1", "updates to accuracy 1, rich / lazy", ratio, 8, "832 / 44");
    report.atLeast(
        "E1", "units active in one context, rich", mean(rich, RichLazy.Outcome::local), 50, "");
    report.atMost(
        "E1", "units active in one context, lazy", mean(lazy, RichLazy.Outcome::local), 30, "");
    report.atLeast(
        "E1", "relative change of weights, rich", mean(rich, RichLazy.Outcome::change), 15, "");
    report.atMost(
        "E1", "relative change of weights, lazy", mean(lazy, RichLazy.Outcome::change), 0.03, "");
    report.atLeast(
        "E1",
        "accuracy under noise, rich - lazy",
        mean(rich, RichLazy.Outcome::noisyAccuracy) - mean(lazy, RichLazy.Outcome::noisyAccuracy),
        0.1,
        "");
    figures(report, "rich", rich);
    figures(report, "lazy", lazy);
  }

  private static void gatesOfDensity(
      Report report, List<RichLazy.Outcome> dense, List<RichLazy.Outcome> sparse) {
    report.atLeast(
        "E2",
        "grid, density 1 - density 0.1",
        mean(dense, RichLazy.Outcome::grid) - mean(sparse, RichLazy.Outcome::grid),
        0.25,
        "");
    report.atLeast(
        "E2",
        "orthogonal, density 0.1 - density 1",
        mean(sparse, RichLazy.Outcome::orthogonal) - mean(dense, RichLazy.Outcome::orthogonal),
        0.08,
        "");
    report.atLeast(
        "E2",
        "units active in one context, density 0.1",
        mean(sparse, RichLazy.Outcome::local),
        50,
        "");
    figures(report, "density 0.1", sparse);
  }

  private static void sweeps(ValidationRun run, Report report, int seeds) {
    List<RichLazy> models = new ArrayList<>(List.of(SCALES));
    for (double density : DENSITIES) {
      models.add(RichLazy.LAZY.withDensity(density));
    }
    List<List<RichLazy.Outcome>> all = networks(run, models, seeds);
    for (int m = 0; m < models.size(); m++) {
      RichLazy model = models.get(m);
      String name =
          model.density() < 1 ? "density " + model.density() : "scale " + model.stimulusScale();
      figures(report, name, all.get(m));
    }
  }

  private static void figures(Report report, String name, List<RichLazy.Outcome> outcomes) {
    report.figure(name + ": orthogonal", mean(outcomes, RichLazy.Outcome::orthogonal), "");
    report.figure(name + ": grid", mean(outcomes, RichLazy.Outcome::grid), "");
    report.figure(name + ": parallel", mean(outcomes, RichLazy.Outcome::parallel), "");
    report.figure(
        name + ": updates to accuracy 1", mean(outcomes, RichLazy.Outcome::updatesToAll), "");
    report.figure(
        name + ": units active in one context", mean(outcomes, RichLazy.Outcome::local), "");
    report.figure(name + ": silent units", mean(outcomes, RichLazy.Outcome::silent), "");
    report.figure(
        name + ": accuracy under noise", mean(outcomes, RichLazy.Outcome::noisyAccuracy), "");
    report.figure(
        name + ": components of 95 % variance", mean(outcomes, RichLazy.Outcome::components), "");
  }

  private static void contexts(ValidationRun run, Report report, MultitaskPictures pictures)
      throws IOException {
    int seeds = run.seeds(SEEDS, FEW_SEEDS);
    ContextGates gates = new ContextGates(run, report, seeds);
    gates.gating();
    gates.control();
    gates.sluggishness(SLUGGISH);
    if (!run.quick()) {
      pictures.sluggishness(ALPHAS, gates.accuracies(ALPHAS, Math.min(seeds, SOME_SEEDS)));
    }
  }

  static <T> double mean(List<T> outcomes, ToDoubleFunction<T> figure) {
    return outcomes.stream().mapToDouble(figure).average().orElse(Double.NaN);
  }
}
