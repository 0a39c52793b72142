package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.files.Json;
import io.tacet.training.Replicas;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Several seeds on the command line, and their results. */
final class Seeds {
  private static final int MOST = 1000;

  private Seeds() {}

  /**
   * Result on a test set.
   *
   * @param accuracy NaN where samples have targets
   * @param loss mean loss
   */
  record Result(double accuracy, double loss) {}

  /** A training. */
  interface Trained {
    /**
     * Trains.
     *
     * @param seed null for that of the settings
     * @param backend null for that of the options
     * @param told the result on the test set; null for nobody
     * @return the exit status
     */
    int train(RunOptions options, Long seed, Backend backend, Consumer<Result> told)
        throws IOException;
  }

  /**
   * Trains once, or once for each seed; the exit status.
   *
   * @param first seed of the settings
   */
  static int run(RunOptions options, String task, LongSupplier first, Trained training)
      throws IOException {
    String text = text(options, first);
    if (text == null) {
      return training.train(options, null, null, null);
    }
    List<Long> seeds = parse(text);
    List<Result> results = new ArrayList<>(Collections.nCopies(seeds.size(), null));
    AtomicInteger status = new AtomicInteger();
    Replicas.each(
        options.backend,
        seeds.size(),
        (backend, k) -> {
          // Those that have not begun when one was stopped do not.
          if (status.get() == 0) {
            long seed = seeds.get(k);
            RunOptions own = options.in(options.out(task).resolve("seed-" + seed));
            int together = Replicas.atOnce(backend.name(), seeds.size());
            own.one = together > 1;
            if (own.memory == null && backend.name().equals("java")) {
              own.memory = backend.memory() / together;
            }
            int ended = training.train(own, seed, backend, result -> results.set(k, result));
            status.compareAndSet(0, ended);
          }
          return k;
        });
    if (status.get() == 0 && !options.plan) {
      System.out.println(summary(text, results, options.json));
    }
    return status.get();
  }

  /** Seeds that were asked for; null for that of the settings. */
  private static String text(RunOptions options, LongSupplier from) {
    if (options.replicas == 0) {
      return options.seeds;
    }
    if (options.seeds != null) {
      throw new IllegalArgumentException("--replicas: expected without --seeds, got both.");
    }
    if (options.replicas < 1 || options.replicas > MOST) {
      throw new IllegalArgumentException(
          "--replicas: expected 1 to " + MOST + ", got " + options.replicas + ".");
    }
    long first = from.getAsLong();
    return options.replicas == 1 ? "" + first : first + "-" + (first + options.replicas - 1);
  }

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
          if (seed == Long.MAX_VALUE) {
            break;
          }
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

  /** Mean and, of several, deviation, as a sentence or as JSON: of accuracies, else of losses. */
  static String summary(String seeds, List<Result> results, boolean json) {
    boolean losses = results.stream().anyMatch(result -> Double.isNaN(result.accuracy()));
    List<Double> values =
        results.stream().map(result -> losses ? result.loss() : result.accuracy()).toList();
    double mean = values.stream().mapToDouble(a -> a).average().orElse(Double.NaN);
    double squares = values.stream().mapToDouble(a -> (a - mean) * (a - mean)).sum();
    double deviation = Math.sqrt(squares / (values.size() - 1));
    boolean several = values.size() > 1;
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("seeds", seeds);
      line.put(losses ? "testLoss" : "testAccuracy", values);
      line.put("mean", mean);
      if (several) {
        line.put("deviation", deviation);
      }
      return Json.line(line);
    }
    String number = losses ? "%.4g" : "%.2f";
    double unit = losses ? 1 : 100;
    return String.format(
        Locale.ROOT,
        "Seed%s %s: test %s " + number + "%s%s.",
        several ? "s" : "",
        seeds,
        losses ? "loss" : "accuracy",
        unit * mean,
        several ? String.format(Locale.ROOT, " +- " + number, unit * deviation) : "",
        (losses ? "" : " %")
            + (several ? " (mean and standard deviation of " + values.size() + ")" : ""));
  }
}
