package io.tacet.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * {@code bench/compare.sh BASE.json NEW.json}: two results of JMH beside each other, benchmark by
 * benchmark. The ratio is that of the geometric means; its interval is Welch's for the difference
 * of the means of the logarithms, at 99 %. Iterations in one process are not quite independent, so
 * it is on the narrow side: take both files on the same machine, one right after the other.
 *
 * <p>Status 1: some benchmark takes more than {@value #WORST} x as long with confidence (the lower
 * end of the interval is above), or allocates more. Status 2: nothing could be compared.
 */
public final class Compare {
  /** Slower than this is a failure. */
  static final double WORST = 1.5;

  private static final double CONFIDENCE = 0.99;

  /** What JMH itself allocates per call differs a little from run to run. */
  private static final double ALLOCATION_FACTOR = 1.05;

  private static final double ALLOCATION_BYTES = 64;

  /**
   * One benchmark in both files.
   *
   * @param ratio time now by time before
   * @param low end of the interval; 0 where there are too few iterations to know
   * @param high other end; infinity where there are too few
   */
  record Change(Timing base, Timing now, double ratio, double low, double high) {
    boolean slower() {
      return low > WORST;
    }

    /** Whether every iteration allocated more than any did before, beyond what JMH itself does. */
    boolean allocatesMore() {
      double before = Arrays.stream(base.allocated()).max().orElse(Double.NaN);
      double after = Arrays.stream(now.allocated()).min().orElse(Double.NaN);
      return after > ALLOCATION_FACTOR * before + ALLOCATION_BYTES;
    }

    String verdict() {
      if (slower()) {
        return allocatesMore() ? "SLOWER, ALLOCATES MORE" : "SLOWER";
      }
      if (allocatesMore()) {
        return "ALLOCATES MORE";
      }
      return low > 1 ? "a little slower" : high < 1 ? "faster" : "";
    }
  }

  private Compare() {}

  /** Two files of JMH's JSON format. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  static int run(String... args) {
    if (args.length != 2) {
      System.err.println("usage: bench/compare.sh BASE.json NEW.json");
      return 2;
    }
    try {
      List<Timing> base = Timing.read(Path.of(args[0]));
      List<Timing> now = Timing.read(Path.of(args[1]));
      List<Change> changes = changes(base, now);
      if (changes.isEmpty()) {
        System.err.println("compare: the files have no benchmark with the same parameters.");
        return 2;
      }
      System.out.print(table(changes).markdown());
      System.out.println();
      System.out.println(summary(base, now, changes));
      return failed(changes) ? 1 : 0;
    } catch (IOException e) {
      System.err.println("compare: " + e.getMessage());
      return 2;
    }
  }

  /** What both files have, in the order of the second. */
  static List<Change> changes(List<Timing> base, List<Timing> now) {
    Map<String, Timing> before = new LinkedHashMap<>();
    base.forEach(t -> before.put(t.key(), t));
    List<Change> changes = new ArrayList<>();
    for (Timing timing : now) {
      Timing other = before.get(timing.key());
      if (other != null) {
        changes.add(change(other, timing));
      }
    }
    return changes;
  }

  static boolean failed(List<Change> changes) {
    return changes.stream().anyMatch(c -> c.slower() || c.allocatesMore());
  }

  private static Change change(Timing base, Timing now) {
    double[] a = logarithms(base);
    double[] b = logarithms(now);
    double difference = mean(b) - mean(a);
    double ratio = Math.exp(difference);
    if (a.length < 2 || b.length < 2) {
      return new Change(base, now, ratio, 0, Double.POSITIVE_INFINITY);
    }
    double partA = variance(a) / a.length;
    double partB = variance(b) / b.length;
    if (partA + partB == 0) {
      return new Change(base, now, ratio, ratio, ratio);
    }
    double freedom =
        (partA + partB)
            * (partA + partB)
            / (partA * partA / (a.length - 1) + partB * partB / (b.length - 1));
    double t = new TDistribution(freedom).inverseCumulativeProbability(0.5 + CONFIDENCE / 2);
    double half = t * Math.sqrt(partA + partB);
    return new Change(base, now, ratio, Math.exp(difference - half), Math.exp(difference + half));
  }

  private static double[] logarithms(Timing timing) {
    return Arrays.stream(timing.samples()).map(Math::log).toArray();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
  }

  static Table table(List<Change> changes) {
    Table table =
        new Table(
            "benchmark",
            "with",
            "before>",
            "now>",
            "ratio>",
            "99 %>",
            "B/op before>",
            "B/op now>",
            "");
    for (Change c : changes) {
      table.row(
          c.now().benchmark(),
          c.now().describe(List.of()) + (c.now().jmhThreads() > 1 ? ", in parallel" : ""),
          Quantity.time(c.base().time()),
          Quantity.time(c.now().time()),
          Quantity.number(c.ratio()),
          Double.isInfinite(c.high())
              ? "too few iterations"
              : Quantity.number(c.low()) + " .. " + Quantity.number(c.high()),
          Quantity.number(c.base().allocation()),
          Quantity.number(c.now().allocation()),
          c.verdict());
    }
    return table;
  }

  private static String summary(List<Timing> base, List<Timing> now, List<Change> changes) {
    double mean =
        Math.exp(changes.stream().mapToDouble(c -> Math.log(c.ratio())).average().orElse(0));
    return String.format(
        Locale.ROOT,
        "%d compared, geometric mean of the ratios %.3f; %d more than %.1f x slower, %d allocate"
            + " more; %d only before, %d only now",
        changes.size(),
        mean,
        changes.stream().filter(Change::slower).count(),
        WORST,
        changes.stream().filter(Change::allocatesMore).count(),
        base.size() - changes.size(),
        now.size() - changes.size());
  }
}
