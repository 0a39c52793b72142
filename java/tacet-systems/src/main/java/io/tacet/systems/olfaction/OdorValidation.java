package io.tacet.systems.olfaction;

import io.tacet.report.LineChart;
import io.tacet.systems.Report;
import io.tacet.systems.Validation;
import io.tacet.systems.ValidationRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** {@code tacet validate odor}: estimation by elimination, and the preservation of distances. */
public final class OdorValidation implements Validation {
  private static final int ODORANTS = 10_000;
  private static final double DENSITY = 0.05;
  private static final double[] DENSITIES = {
    0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.12, 0.14, 0.16, 0.2
  };

  /** Fewest false positives that the picture shows. */
  private static final double LEAST_SHOWN = 0.01;

  /** Probability of at least as many responses as candidates at (300, 30). */
  private static final double DETERMINED = 0.0457;

  private static final String THEORY = " by theory";

  @Override
  public String name() {
    return "odor";
  }

  @Override
  public String title() {
    return "what an odor is not: odorants and concentrations by elimination";
  }

  @Override
  public String source() {
    return "Singh, Tchernookov, Balasubramanian, PRE 104:024415 (2021); Krishnamurthy et al., Front"
        + " Comput Neurosci 16:917786 (2022)";
  }

  @Override
  public void run(ValidationRun run, Report report) throws IOException {
    int trials = run.trials(1000, 200);
    int missed = binary(run, report, trials);
    missed += bestDensity(run, report, run.trials(1000, 400));
    report.within("D1", "odorants missed", missed, 0, 0, "0: true odorants are never ruled out");
    continuous(run, report, run.trials(1000, 100));
    noisy(run, report, run.trials(200, 50));
    distances(run, report);
    pictures(run, run.trials(200, 50));
  }

  private static String label(int receptors, int components) {
    return "(" + receptors + ", " + components + ")";
  }

  private static int binary(ValidationRun run, Report report, int trials) {
    int missed = 0;
    int[][] conditions = {{300, 20}, {500, 30}, {50, 10}, {50, 1}, {300, 5}};
    for (int[] c : conditions) {
      OdorTrials.Outcome found =
          new OdorTrials(c[0], ODORANTS, DENSITY, c[1]).decode(run, trials, false);
      missed += found.missed();
      double theory = EliminationTheory.falsePositives(c[0], ODORANTS, DENSITY, c[1]);
      String name = "false positives " + label(c[0], c[1]);
      String source = String.format(Locale.ROOT, "%.4g", theory) + THEORY;
      if (c[1] >= 10) {
        report.within("D2", name, found.meanFalsePositives(), 0.85 * theory, 1.15 * theory, source);
      } else {
        report.figure(name, found.meanFalsePositives(), source);
      }
    }
    return missed + exact(run, report, trials);
  }

  private static int exact(ValidationRun run, Report report, int trials) {
    int missed = 0;
    for (int[] c : new int[][] {{500, 20}, {300, 10}}) {
      OdorTrials.Outcome found =
          new OdorTrials(c[0], ODORANTS, DENSITY, c[1]).decode(run, trials, false);
      missed += found.missed();
      double theory = EliminationTheory.exact(c[0], ODORANTS, DENSITY, c[1]);
      double measured = found.part(found.exact());
      String name = "P(exact) " + label(c[0], c[1]);
      String source = String.format(Locale.ROOT, "%.3f", theory) + THEORY;
      // Three standard errors of 1000 trials; of fewer they are more.
      if (trials >= 1000) {
        report.within("D2", name, measured, theory - 0.05, theory + 0.05, source);
      } else {
        report.figure(name, measured, source);
      }
    }
    OdorTrials.Outcome found =
        new OdorTrials(500, ODORANTS, DENSITY, 10).decode(run, trials, false);
    report.atLeast("D2", "P(exact) (500, 10)", found.part(found.exact()), 0.98, "");
    return missed + found.missed();
  }

  private static int bestDensity(ValidationRun run, Report report, int trials) {
    int missed = 0;
    double best = Double.NaN;
    double fewest = Double.POSITIVE_INFINITY;
    for (double density : DENSITIES) {
      OdorTrials.Outcome found =
          new OdorTrials(300, ODORANTS, density, 10).decode(run, trials, false);
      missed += found.missed();
      if (found.meanFalsePositives() < fewest) {
        fewest = found.meanFalsePositives();
        best = density;
      }
    }
    double theory = EliminationTheory.bestDensity(10);
    if (trials >= 1000) {
      report.within("D4", "best density", best, 0.8 * theory, 1.2 * theory, "1/11" + THEORY);
    } else {
      report.figure("best density", best, "1/11" + THEORY);
    }
    report.figure(
        "receptors needed, 10000 odorants, K=10",
        EliminationTheory.receptorsNeeded(ODORANTS, 10),
        "about " + Math.round(Math.E * 11 * Math.log(ODORANTS)) + " by e (K+1) ln N_L");
    return missed;
  }

  private static void continuous(ValidationRun run, Report report, int trials) {
    for (int[] c : new int[][] {{300, 20}, {500, 30}, {300, 30}}) {
      boolean few = c[0] == 300 && c[1] == 30;
      OdorTrials.Outcome found =
          new OdorTrials(c[0], ODORANTS, DENSITY, c[1])
              .decode(run, few ? Math.min(trials, 200) : trials, true);
      String name = "P(error < 1 %) " + label(c[0], c[1]);
      if (few) {
        double accurate = found.part(found.accurate());
        report.figure(name + ", determined or not", accurate, "0.00 by prototype");
      } else {
        double claimed = found.part(found.accurateDetermined());
        report.atLeast("D3", name + ", determined", claimed, 0.97, "1.00 by prototype");
      }
    }
    determined(run, report, 5 * trials);
  }

  /**
   * Concentrations are claimed where there are at least as many responses as candidates, of which
   * the accurate ones are a part. Whether without negative concentrations fewer responses are
   * enough is another question, see {@link NonNegativeLeastSquares}.
   */
  private static void determined(ValidationRun run, Report report, int trials) {
    OdorTrials.Outcome found =
        new OdorTrials(300, ODORANTS, DENSITY, 30).decode(run, trials, false);
    double measured = found.part(found.determined());
    String name = "P(determined) (300, 30), which bounds P(error < 1 %), determined";
    if (trials >= 5000) {
      report.atMost("D3", name, measured, 0.05, DETERMINED + THEORY);
    } else {
      report.figure(name, measured, DETERMINED + THEORY);
    }
  }

  private static void noisy(ValidationRun run, Report report, int trials) {
    double[][] noises = {{0.005, 0.02}, {0.01, 0.04}, {0.02, 0.06}};
    String[] sources = {"0.008", "0.014 to 0.018", "0.028 to 0.038"};
    for (int n = 0; n < noises.length; n++) {
      EliminationDecoder.Noise noise =
          new EliminationDecoder.Noise(noises[n][1], noises[n][0], OdorTrials.LEAST_CONCENTRATION);
      OdorTrials.Outcome found =
          new OdorTrials(500, 2000, DENSITY, 10, noise).decode(run, trials, true);
      String at = " at noise " + noises[n][0];
      double identity = found.part(found.identified());
      if (n == 1) {
        report.atLeast("D5", "P(identity)" + at, identity, 0.95, "1.00 by prototype");
        report.atMost(
            "D5", "median error" + at, found.medianError(), 0.03, sources[n] + " by prototype");
      } else {
        report.figure("P(identity)" + at, identity, "1.00 by prototype");
        report.figure("median error" + at, found.medianError(), sources[n] + " by prototype");
      }
    }
  }

  private static void distances(ValidationRun run, Report report) {
    int seeds = run.seeds(4, 2);
    for (int receptors : new int[] {50, 300, 1000}) {
      double random = distance(run, false, receptors, seeds);
      double ordered = distance(run, true, receptors, seeds);
      if (receptors == 300) {
        report.atLeast("D10", "Spearman, random, 300", random, 0.98, "0.989 by prototype");
        report.atLeast(
            "D10", "Spearman, random - ordered, 300", random - ordered, 0.03, "0.052 by prototype");
      } else {
        report.figure("Spearman, random, " + receptors, random, "");
        report.figure("Spearman, ordered, " + receptors, ordered, "");
      }
    }
  }

  private static double distance(ValidationRun run, boolean ordered, int receptors, int seeds) {
    return run
        .each(
            seeds,
            (backend, seed) -> DistancePreservation.of(backend, ordered, receptors, 1500, seed))
        .stream()
        .mapToDouble(v -> v)
        .average()
        .orElse(Double.NaN);
  }

  private static void pictures(ValidationRun run, int trials) throws IOException {
    int[] receptors =
        run.quick()
            ? new int[] {50, 200, 400}
            : IntStream.rangeClosed(1, 10).map(n -> 50 * n).toArray();
    LineChart candidates =
        new LineChart("Odorants that are not ruled out", "receptor types", "false positives")
            .logarithmicY()
            .range(LEAST_SHOWN, ODORANTS)
            .legendLowerLeft();
    LineChart exact =
        new LineChart("Odors of which all else is ruled out", "receptor types", "P(exact)")
            .range(0, 1)
            .legendLeft();
    for (int components : new int[] {5, 10, 20, 30}) {
      List<Double> at = new ArrayList<>();
      List<Double> found = new ArrayList<>();
      double[] part = new double[receptors.length];
      for (int n = 0; n < receptors.length; n++) {
        OdorTrials.Outcome outcome =
            new OdorTrials(receptors[n], ODORANTS, DENSITY, components).decode(run, trials, false);
        part[n] = outcome.part(outcome.exact());
        if (outcome.meanFalsePositives() > LEAST_SHOWN) {
          at.add((double) receptors[n]);
          found.add(outcome.meanFalsePositives());
        }
      }
      double[] xs = new double[51];
      Arrays.setAll(xs, n -> 10 * n);
      String name = components + " components";
      candidates.line(name, xs, falsePositives(xs, components)).points(numbers(at), numbers(found));
      exact
          .line(name, xs, exact(xs, components))
          .points(Arrays.stream(receptors).asDoubleStream().toArray(), part);
    }
    run.out().write("candidates.png", candidates);
    run.out().write("exact.png", exact);
  }

  private static double[] falsePositives(double[] receptors, int components) {
    return Arrays.stream(receptors)
        .map(n -> EliminationTheory.falsePositives((int) n, ODORANTS, DENSITY, components))
        .map(expected -> expected < LEAST_SHOWN ? Double.NaN : expected)
        .toArray();
  }

  private static double[] exact(double[] receptors, int components) {
    return Arrays.stream(receptors)
        .map(n -> EliminationTheory.exact((int) n, ODORANTS, DENSITY, components))
        .toArray();
  }

  private static double[] numbers(List<Double> list) {
    return list.stream().mapToDouble(v -> v).toArray();
  }
}
