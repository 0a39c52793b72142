package io.tacet.cli;

import io.tacet.files.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Several seeds on the command line, and what came of them. */
final class Seeds {
  private static final int MOST = 1000;

  private Seeds() {}

  /** Seeds as in {@code 0-4} or {@code 1,3,9}. */
  static List<Long> parse(String text) {
    List<Long> seeds = new ArrayList<>();
    try {
      for (String part : text.split(",", -1)) {
        int dash = part.indexOf('-', 1);
        long first = Long.parseLong(dash < 0 ? part : part.substring(0, dash));
        long last = dash < 0 ? first : Long.parseLong(part.substring(dash + 1));
        for (long seed = first; seed <= last && seeds.size() <= MOST; seed++) {
          seeds.add(seed);
        }
      }
    } catch (NumberFormatException e) {
      seeds.clear();
    }
    if (seeds.isEmpty() || seeds.size() > MOST) {
      throw new IllegalArgumentException(
          "--seeds: expected up to " + MOST + " seeds as in 0-4 or 1,3,9, got '" + text + "'.");
    }
    return seeds;
  }

  /** Mean and, of several, deviation, as a sentence or as JSON. */
  static String summary(String seeds, List<Double> accuracies, boolean json) {
    double mean = accuracies.stream().mapToDouble(a -> a).average().orElse(Double.NaN);
    double squares = accuracies.stream().mapToDouble(a -> (a - mean) * (a - mean)).sum();
    double deviation = Math.sqrt(squares / (accuracies.size() - 1));
    boolean several = accuracies.size() > 1;
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("seeds", seeds);
      line.put("testAccuracy", accuracies);
      line.put("mean", mean);
      if (several) {
        line.put("deviation", deviation);
      }
      return Json.line(line);
    }
    return several
        ? String.format(
            Locale.ROOT,
            "Seeds %s: test accuracy %.2f +- %.2f %% (mean and standard deviation of %d).",
            seeds,
            100 * mean,
            100 * deviation,
            accuracies.size())
        : String.format(Locale.ROOT, "Seed %s: test accuracy %.2f %%.", seeds, 100 * mean);
  }
}
