package io.tacet.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * {@code bench/compare.sh BASE.json NEW.json}, or {@code BASE.json... -- NEW.json...}: compares two
 * JMH results benchmark by benchmark. Measurements of the same benchmark with the same parameters,
 * from one or several files of a side, are merged like forks. The ratio is that of the geometric
 * means; its interval is Welch's for the difference of the means of the logarithms, at 99 %.
 * Iterations in one process are not quite independent, so the interval is somewhat too narrow:
 * measure both sides on the same machine, one right after the other or alternately.
 *
 * <p>Status 1: some benchmark takes more than {@value #WORST} x as long with confidence (the lower
 * end of the interval is above), or allocates more. Status 2: nothing could be compared.
 */
public final class Compare {
  /** Slower than this is a failure. */
  static final double WORST = 1.5;

  private static final double CONFIDENCE = 0.99;

  /** Allocations left by escape analysis vary slightly from run to run. */
  private static final double ALLOCATION_FACTOR = 1.05;

  private static final double ALLOCATION_BYTES = 8;

  /**
   * Bytes per second allocated by JMH itself: some 6 KB per iteration, attributed to its calls,
   * more per call the longer a call takes. Valid for iterations of 200 ms and above.
   */
  private static final double ALLOCATION_RATE = 50e3;

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

    /** Whether it may take more than {@value #WORST} x as long. */
    boolean uncertain() {
      return low <= WORST && high > WORST;
    }

    /**
     * Whether every iteration allocated more than any did before, beyond what JMH itself allocates.
     */
    boolean allocatesMore() {
      double before = Arrays.stream(base.allocated()).max().orElse(Double.NaN);
      double after = Arrays.stream(now.allocated()).min().orElse(Double.NaN);
      return after > ALLOCATION_FACTOR * before + ALLOCATION_BYTES + ALLOCATION_RATE * now.time();
    }

    String verdict() {
      if (slower()) {
        return allocatesMore() ? "SLOWER, ALLOCATES MORE" : "SLOWER";
      }
      if (allocatesMore()) {
        return "ALLOCATES MORE";
      }
      if (uncertain()) {
        return "uncertain";
      }
      return low > 1 ? "a little slower" : high < 1 ? "faster" : "";
    }
  }

  private Compare() {}

  /** Files of JMH's JSON format. */
  public static void main(String[] args) {
    System.exit(run(System.out, System.err, args));
  }

  static int run(PrintStream out, PrintStream errors, String... args) {
    List<String> files = new ArrayList<>(List.of(args));
    if (files.size() == 2) {
      files.add(1, "--");
    }
    int middle = files.indexOf("--");
    if (middle < 1 || middle == files.size() - 1) {
      errors.println("usage: bench/compare.sh BASE.json NEW.json, or BASE.json... -- NEW.json...");
      return 2;
    }
    try {
      List<Timing> base = read(files.subList(0, middle));
      List<Timing> now = read(files.subList(middle + 1, files.size()));
      List<Change> changes = changes(base, now);
      if (changes.isEmpty()) {
        errors.println("compare: the files have no benchmark with the same parameters.");
        return 2;
      }
      out.print(report(base, now, changes));
      return failed(changes) ? 1 : 0;
    } catch (IOException e) {
      errors.println("compare: " + e.getMessage());
      return 2;
    }
  }

  private static List<Timing> read(List<String> files) throws IOException {
    Map<String, Timing> all = new LinkedHashMap<>();
    for (String file : files) {
      for (Timing timing : Timing.read(Path.of(file))) {
        all.merge(timing.key(), timing, Compare::together);
      }
    }
    return List.copyOf(all.values());
  }

  /** Merges both as forks of one measurement. */
  private static Timing together(Timing a, Timing b) {
    return new Timing(
        a.benchmark(),
        a.params(),
        a.jmhThreads(),
        DoubleStream.concat(Arrays.stream(a.samples()), Arrays.stream(b.samples())).toArray(),
        Double.NaN,
        DoubleStream.concat(Arrays.stream(a.allocated()), Arrays.stream(b.allocated())).toArray(),
        a.counters());
  }

  /**
   * Benchmarks that both sides have, in the order of the second. A parameter that only one side
   * has, such as a new one, does not prevent a match that is otherwise unique.
   */
  static List<Change> changes(List<Timing> base, List<Timing> now) {
    Map<String, Timing> before = new LinkedHashMap<>();
    base.forEach(t -> before.put(t.key(), t));
    List<Change> changes = new ArrayList<>();
    for (Timing timing : now) {
      Timing other = before.get(timing.key());
      if (other == null) {
        Timing found = alone(base, timing);
        other = found == null || alone(now, found) == null ? null : found;
      }
      if (other != null) {
        changes.add(change(other, timing));
      }
    }
    return changes;
  }

  /** The only possible match; null if there are none or several. */
  private static Timing alone(List<Timing> among, Timing timing) {
    List<Timing> found = among.stream().filter(other -> related(timing, other)).toList();
    return found.size() == 1 ? found.get(0) : null;
  }

  /** Whether one knows all parameters of the other, with the same values. */
  private static boolean related(Timing a, Timing b) {
    return a.benchmark().equals(b.benchmark())
        && a.jmhThreads() == b.jmhThreads()
        && (a.params().entrySet().containsAll(b.params().entrySet())
            || b.params().entrySet().containsAll(a.params().entrySet()));
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

  /** The table, the verdict, and the names of benchmarks that only one side has. */
  private static String report(List<Timing> base, List<Timing> now, List<Change> changes) {
    StringBuilder text = new StringBuilder(table(changes).markdown());
    text.append('\n').append(summary(base, now, changes)).append('\n');
    Set<String> both =
        changes.stream()
            .flatMap(c -> Stream.of(c.base().key(), c.now().key()))
            .collect(Collectors.toSet());
    for (Timing timing : base) {
      if (!both.contains(timing.key())) {
        text.append("only before: ").append(timing).append('\n');
      }
    }
    for (Timing timing : now) {
      if (!both.contains(timing.key())) {
        text.append("only now: ").append(timing).append('\n');
      }
    }
    return text.toString();
  }

  private static String summary(List<Timing> base, List<Timing> now, List<Change> changes) {
    double mean =
        Math.exp(changes.stream().mapToDouble(c -> Math.log(c.ratio())).average().orElse(0));
    return String.format(
        Locale.ROOT,
        "%d compared, geometric mean of the ratios %.3f; %d more than %.1f x slower, %d"
            + " uncertain, %d allocate more; %d only before, %d only now",
        changes.size(),
        mean,
        changes.stream().filter(Change::slower).count(),
        WORST,
        changes.stream().filter(Change::uncertain).count(),
        changes.stream().filter(Change::allocatesMore).count(),
        base.size() - changes.size(),
        now.size() - changes.size());
  }
}
