package io.tacet.systems.olfaction;

import io.tacet.analysis.Correlation;
import io.tacet.report.LineChart;
import io.tacet.sparse.PhiloxRandom;
import io.tacet.systems.Report;
import io.tacet.systems.Validation;
import io.tacet.systems.ValidationRun;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** {@code tacet validate receptors}: abundances of receptor types that tell most about odors. */
public final class ReceptorsValidation implements Validation {
  private static final int TYPES = 24;
  private static final int ODORANTS = 50;
  private static final double TOTAL = 4000;

  /** So many that every type is expressed. */
  private static final double MANY = 7.5e5;

  private static final double SIGNAL_TO_NOISE = 200;

  /** Nearly independent odorants, and dependent ones. */
  private static final double INDEPENDENT = 50;

  private static final double DEPENDENT = 8;

  /** Of the KKT conditions. */
  private static final double TOLERANCE = 1e-6;

  /** Share of all neurons from which on a type counts as expressed. */
  private static final double EXPRESSED = 0.004;

  /** Response from which on an odorant activates a receptor, and least share of a change. */
  private static final double ACTIVATED = 0.5;

  private static final double CHANGED = 1e-4;
  private static final int DYNAMICS_STEPS = 5000;

  @Override
  public String name() {
    return "receptors";
  }

  @Override
  public String title() {
    return "receptor abundances for efficient coding of odors";
  }

  @Override
  public String source() {
    return "Tesileanu, Cocco, Monasson, Balasubramanian, eLife 8:e39279 (2019)";
  }

  @Override
  public void run(ValidationRun run, Report report) throws IOException {
    int seeds = run.seeds(20, 4);
    optima(run, report, seeds);
    expressed(run, report, seeds);
    statistics(run, report, seeds);
    contexts(run, report, seeds);
    picture(run);
  }

  /** A random problem: sensing and environment. */
  private record Problem(SensingMatrix sensing, OdorEnvironment environment) {
    static Problem of(double tuning, double beta, int seed) {
      PhiloxRandom random = new PhiloxRandom(Math.round(1000 * tuning), seed);
      return new Problem(
          SensingMatrix.circular(TYPES, ODORANTS, tuning, SIGNAL_TO_NOISE, random),
          OdorEnvironment.randomCorrelations(ODORANTS, beta, random));
    }

    double[][] signal() {
      return sensing.signal(environment);
    }
  }

  /** How near to an optimum the solver is, and how near to that the dynamics are. */
  private record Quality(double sum, double residual, double gap, double distance) {
    static Quality of(Problem problem, double total, int seed) {
      ReceptorAbundance receptors = new ReceptorAbundance(problem.signal());
      ReceptorAbundance.Optimum best = receptors.optimum(total, TOLERANCE);
      PhiloxRandom random = new PhiloxRandom(seed, 1L << 32);
      double[] start = new double[TYPES];
      Arrays.setAll(start, a -> 2 * total / TYPES * random.nextDouble());
      double[] grown =
          receptors.birthAndDeath(start, best.multiplier(), Math.log(2) / 2, DYNAMICS_STEPS);
      double information = receptors.information(best.abundances());
      double distance = 0;
      for (int a = 0; a < TYPES; a++) {
        distance += Math.abs(grown[a] - best.abundances()[a]) / total;
      }
      return new Quality(
          Math.abs(Arrays.stream(best.abundances()).sum() / total - 1),
          best.residual(),
          Math.abs(receptors.information(grown) / information - 1),
          distance);
    }
  }

  private static void optima(ValidationRun run, Report report, int seeds) {
    for (double tuning : new double[] {0.05, 0.2}) {
      List<Quality> some = qualities(run, tuning, TOTAL, seeds);
      List<Quality> many = qualities(run, tuning, MANY, seeds);
      List<Quality> all = Stream.concat(some.stream(), many.stream()).toList();
      String at = ", tuning " + tuning;
      report.atMost("D6", "|sum K / Ktot - 1|" + at, worst(all, Quality::sum), 1e-6, "");
      report.atMost("D6", "KKT residual" + at, worst(all, Quality::residual), 1e-4, "");
      // Where all types are expressed; a type that the optimum has none of dies out as 1 / time.
      report.atMost("D6", "dynamics, information gap" + at, worst(many, Quality::gap), 1e-6, "");
      report.atMost("D6", "dynamics, L1 / Ktot" + at, worst(many, Quality::distance), 1e-3, "");
      String few = ", Ktot = 4000" + at;
      report.figure("dynamics, information gap, worst" + few, worst(some, Quality::gap), "");
      report.figure("dynamics, L1 / Ktot, worst" + few, worst(some, Quality::distance), "");
      report.figure("dynamics, L1 / Ktot, median" + few, median(some, Quality::distance), "");
    }
  }

  private static List<Quality> qualities(
      ValidationRun run, double tuning, double total, int seeds) {
    return run.each(
        seeds, (backend, seed) -> Quality.of(Problem.of(tuning, DEPENDENT, seed), total, seed));
  }

  private static double median(List<Quality> all, ToDoubleFunction<Quality> of) {
    return all.stream()
        .mapToDouble(of)
        .sorted()
        .skip(all.size() / 2)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static double worst(List<Quality> all, ToDoubleFunction<Quality> of) {
    return all.stream().mapToDouble(of).max().orElse(Double.NaN);
  }

  private static void expressed(ValidationRun run, Report report, int seeds) {
    for (double tuning : new double[] {0.01, 0.02, 0.2}) {
      List<int[]> counts =
          run.each(
              seeds,
              (backend, seed) -> {
                ReceptorAbundance receptors =
                    new ReceptorAbundance(Problem.of(tuning, DEPENDENT, seed).signal());
                return new int[] {
                  receptors.optimum(5, TOLERANCE).expressed(EXPRESSED),
                  receptors.optimum(MANY, TOLERANCE).expressed(EXPRESSED)
                };
              });
      int few = counts.stream().mapToInt(c -> c[0]).max().orElse(0);
      int many = counts.stream().mapToInt(c -> c[1]).min().orElse(0);
      String at = ", tuning " + tuning;
      if (tuning == 0.01) {
        report.atMost("D7", "most types at Ktot = 5" + at, few, 5, "");
        report.atLeast("D7", "fewest types at Ktot = 7.5e5" + at, many, 22, "");
      } else {
        report.figure("most types at Ktot = 5" + at, few, "");
        report.figure("fewest types at Ktot = 7.5e5" + at, many, "");
      }
    }
  }

  private static void statistics(ValidationRun run, Report report, int seeds) {
    for (double tuning : new double[] {0.01, 0.02, 0.05, 0.1, 0.2}) {
      List<double[]> all =
          run.each(seeds, (backend, seed) -> correlations(Problem.of(tuning, INDEPENDENT, seed)));
      double power = all.stream().mapToDouble(c -> c[0]).average().orElse(Double.NaN);
      double unique = all.stream().mapToDouble(c -> c[1]).average().orElse(Double.NaN);
      String powerName = "corr(K, log diag Q), tuning " + tuning;
      String uniqueName = "corr(K, -diag Q^-1), tuning " + tuning;
      if (tuning == 0.01) {
        report.atLeast("D8", powerName, power, 0.85, "0.95 by prototype");
        report.atLeast("D8", uniqueName, unique, 0.7, "0.79 to 0.87 by prototype");
      } else if (tuning == 0.1) {
        report.atMost("D8", powerName, power, 0.5, "-0.09 by prototype");
        report.atLeast("D8", uniqueName, unique, 0.7, "0.79 to 0.87 by prototype");
      } else {
        report.figure(powerName, power, "");
        report.figure(uniqueName, unique, "");
      }
    }
  }

  private static double[] correlations(Problem problem) {
    double[][] signal = problem.signal();
    ReceptorAbundance receptors = new ReceptorAbundance(signal);
    double[] abundances = receptors.optimum(TOTAL, TOLERANCE).abundances();
    double[] power = new double[TYPES];
    Arrays.setAll(power, a -> Math.log(signal[a][a]));
    double[] unique = Arrays.stream(receptors.inverseDiagonal()).map(v -> -v).toArray();
    return new double[] {
      Correlation.pearson(abundances, power), Correlation.pearson(abundances, unique)
    };
  }

  private static void contexts(ValidationRun run, Report report, int seeds) {
    for (double tuning : new double[] {0.02, 0.2, 0.5}) {
      long both =
          run
              .each(seeds, (backend, seed) -> changesBothWays(Problem.of(tuning, DEPENDENT, seed)))
              .stream()
              .filter(b -> b)
              .count();
      double part = (double) both / seeds;
      String name = "activated types change both ways, tuning " + tuning;
      if (tuning == 0.2 && seeds >= 20) {
        report.atLeast("D9", name, part, 13.0 / 20, "17 of 20 by prototype");
      } else if (tuning == 0.02 && seeds >= 20) {
        report.atMost("D9", name, part, 5.0 / 20, "1 of 20 by prototype");
      } else {
        report.figure(name, part, "");
      }
    }
  }

  /** Whether of the types that four odorants activate some grow and some shrink with them. */
  private static boolean changesBothWays(Problem problem) {
    int[] odorants = {0, 1, 2, 3};
    SensingMatrix sensing = problem.sensing();
    double[] before =
        new ReceptorAbundance(problem.signal()).optimum(TOTAL, TOLERANCE).abundances();
    double[] after =
        new ReceptorAbundance(sensing.signal(problem.environment().withMoreOf(odorants, 5)))
            .optimum(TOTAL, TOLERANCE)
            .abundances();
    boolean more = false;
    boolean fewer = false;
    for (int a = 0; a < TYPES; a++) {
      double[] responses = sensing.responses()[a];
      double change = (after[a] - before[a]) / TOTAL;
      if (Arrays.stream(odorants).mapToDouble(j -> responses[j]).max().orElse(0) > ACTIVATED) {
        more |= change > CHANGED;
        fewer |= change < -CHANGED;
      }
    }
    return more && fewer;
  }

  private static void picture(ValidationRun run) throws IOException {
    int points = run.quick() ? 20 : 100;
    double[] totals = new double[points];
    Arrays.setAll(totals, k -> 5 * Math.pow(1.5e5, (double) k / (points - 1)));
    double[][] signal = Problem.of(0.02, DEPENDENT, 1).signal();
    List<double[]> shares =
        run.each(
            points,
            (backend, k) ->
                Arrays.stream(
                        new ReceptorAbundance(signal).optimum(totals[k], TOLERANCE).abundances())
                    .map(abundance -> 100 * abundance / totals[k])
                    .toArray());
    LineChart chart =
        new LineChart("Abundances of 24 receptor types", "neurons in all", "share (%)")
            .logarithmicX()
            .withoutLegend();
    for (int a = 0; a < TYPES; a++) {
      int type = a;
      chart.line("type " + a, totals, shares.stream().mapToDouble(s -> s[type]).toArray());
    }
    run.out().write("abundances.png", chart);
  }
}
