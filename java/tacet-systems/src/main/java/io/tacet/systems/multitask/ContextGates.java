package io.tacet.systems.multitask;

import static io.tacet.systems.multitask.MultitaskValidation.mean;

import io.tacet.systems.Report;
import io.tacet.systems.ValidationRun;
import java.util.List;

/** The gates of the second publication: E3 to E5. */
final class ContextGates {
  private final ValidationRun run;
  private final Report report;
  private final int seeds;

  ContextGates(ValidationRun run, Report report, int seeds) {
    this.run = run;
    this.report = report;
    this.seeds = seeds;
  }

  private List<ContextGating.Outcome> networks(ContextGating model, int count) {
    return run.each(count, (backend, seed) -> model.train(backend, seed));
  }

  /** What blocked and interleaved networks can do, with and without the rule. */
  void gating() {
    List<ContextGating.Outcome> vanilla = networks(ContextGating.BLOCKED_VANILLA, seeds);
    report.within("E3", "blocked vanilla A", accuracyA(vanilla), 0.55, 0.65, "");
    report.atLeast("E3", "blocked vanilla B", accuracyB(vanilla), 0.98, "");
    report.atMost("E3", "blocked vanilla incongruent", incongruent(vanilla), 0.55, "");
    figures("blocked vanilla", vanilla);

    List<ContextGating.Outcome> oja = networks(ContextGating.BLOCKED_OJA, seeds);
    report.atLeast("E3", "blocked Oja A", accuracyA(oja), 0.9, "");
    report.atMost("E3", "blocked Oja context correlation", correlation(oja), -0.97, "");
    figures("blocked Oja", oja);

    List<ContextGating.Outcome> contexts = networks(ContextGating.BLOCKED_OJA_OF_CONTEXTS, seeds);
    report.atLeast("E3", "blocked Oja of contexts A", accuracyA(contexts), 0.98, "1");
    figures("blocked Oja of contexts", contexts);

    List<ContextGating.Outcome> mixed = networks(ContextGating.INTERLEAVED_VANILLA, seeds);
    report.atLeast("E3", "interleaved vanilla A", accuracyA(mixed), 0.98, "");
    report.atLeast("E3", "interleaved vanilla B", accuracyB(mixed), 0.98, "");
    figures("interleaved vanilla", mixed);
  }

  /** The rule, and not that inputs are centred, is what keeps task A. */
  void control() {
    List<ContextGating.Outcome> control =
        networks(ContextGating.BLOCKED_OJA_OF_CONTEXTS.withoutRule(), seeds);
    report.atMost("E5", "blocked and centred, no rule, A", accuracyA(control), 0.65, "");
    figures("blocked and centred, no rule", control);
    List<ContextGating.Outcome> few = networks(ContextGating.BLOCKED_OJA.withoutRule(), seeds);
    figures("blocked Oja without its rule", few);
  }

  /** With sluggish contexts blocks are better, without the other way round. */
  void sluggishness(double alpha) {
    List<ContextGating.Outcome> blocked =
        networks(ContextGating.BLOCKED_OJA.withSluggishness(alpha), seeds);
    List<ContextGating.Outcome> mixed =
        networks(ContextGating.INTERLEAVED_OJA.withSluggishness(alpha), seeds);
    report.atLeast(
        "E4",
        "sluggish, accuracy, blocked - interleaved",
        mean(blocked, ContextGating.Outcome::accuracy)
            - mean(mixed, ContextGating.Outcome::accuracy),
        0.1,
        "t=5.7");
    report.atLeast(
        "E4",
        "sluggish, incongruent, blocked - interleaved",
        incongruent(blocked) - incongruent(mixed),
        0.25,
        "");
    figures("sluggish blocked Oja", blocked);
    figures("sluggish interleaved Oja", mixed);
    List<ContextGating.Outcome> prompt = networks(ContextGating.INTERLEAVED_OJA, seeds);
    report.atLeast(
        "E4",
        "not sluggish, accuracy, interleaved",
        mean(prompt, ContextGating.Outcome::accuracy),
        0.98,
        "");
    figures("interleaved Oja", prompt);
  }

  /** Mean accuracies of blocked and of interleaved networks with the rule. */
  double[][] accuracies(double[] alphas, int count) {
    double[][] accuracies = new double[2][alphas.length];
    for (int k = 0; k < alphas.length; k++) {
      ContextGating[] models = {ContextGating.BLOCKED_OJA, ContextGating.INTERLEAVED_OJA};
      for (int m = 0; m < models.length; m++) {
        accuracies[m][k] =
            mean(
                networks(models[m].withSluggishness(alphas[k]), count),
                ContextGating.Outcome::accuracy);
      }
    }
    return accuracies;
  }

  private void figures(String name, List<ContextGating.Outcome> outcomes) {
    report.figure(name + ": A", accuracyA(outcomes), "");
    report.figure(name + ": B", accuracyB(outcomes), "");
    report.figure(name + ": incongruent", incongruent(outcomes), "");
    report.figure(name + ": context correlation", correlation(outcomes), "");
    report.figure(name + ": units only in A", mean(outcomes, ContextGating.Outcome::onlyA), "");
    report.figure(name + ": units only in B", mean(outcomes, ContextGating.Outcome::onlyB), "");
    report.figure(name + ": grid", mean(outcomes, ContextGating.Outcome::grid), "");
    report.figure(name + ": orthogonal", mean(outcomes, ContextGating.Outcome::orthogonal), "");
    report.figure(name + ": diagonal", mean(outcomes, ContextGating.Outcome::diagonal), "");
  }

  private static double accuracyA(List<ContextGating.Outcome> outcomes) {
    return mean(outcomes, ContextGating.Outcome::accuracyA);
  }

  private static double accuracyB(List<ContextGating.Outcome> outcomes) {
    return mean(outcomes, ContextGating.Outcome::accuracyB);
  }

  private static double incongruent(List<ContextGating.Outcome> outcomes) {
    return mean(outcomes, ContextGating.Outcome::incongruent);
  }

  private static double correlation(List<ContextGating.Outcome> outcomes) {
    return mean(outcomes, ContextGating.Outcome::contextCorrelation);
  }
}
