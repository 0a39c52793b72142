package io.tacet.training;

import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.files.Json;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Numbers;
import io.tacet.network.SpikeMargin;
import io.tacet.optim.Optimizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The state of a training apart from the network and the moments of the optimiser. */
final class TrainingState {
  private static final String PREFIX = "optimizer.";
  private static final String CARRIED = "carried.";
  private static final String BEST = "best.";

  /** Finished epochs. */
  int epoch;

  /** Finished batches of the epoch in progress. */
  int batch;

  int steps;

  /** Seconds so far, tests included. */
  double seconds;

  /** Seconds of it that updates took. */
  double trained;

  /** When the checkpoint was last written, by {@link System#nanoTime}; not part of it. */
  long savedNanos;

  Tally tally = new Tally();
  final List<EpochResult> results = new ArrayList<>();

  /** Reads the state from a checkpoint. */
  static TrainingState of(ModelFile file) throws IOException {
    if (!file.metadata().containsKey("training")) {
      throw new IOException(
          "resume: expected a checkpoint of a training, got a model without one; the checkpoint is"
              + " the file checkpoint.tacet in the output folder.");
    }
    TrainingState state = new TrainingState();
    try {
      Map<String, Object> json = Json.parseObject(file.metadata("training"));
      state.epoch = integer(json, "epoch");
      state.batch = integer(json, "batch");
      state.steps = integer(json, "steps");
      state.seconds = real(json, "seconds");
      state.trained = real(json, "trained");
      state.tally.loss = file.doubles("training.loss")[0];
      state.tally.correct = integer(json, "correct");
      state.tally.samples = integer(json, "samples");
      state.tally.classified =
          json.containsKey("classified") ? integer(json, "classified") : state.tally.samples;
      state.tally.events = longs(json.get("events"));
      state.tally.chances = longs(json.get("chances"));
      if (json.containsKey("margin")) {
        state.tally.margin = margin(json.get("margin"));
      }
      for (Object element : (List<?>) json.get("results")) {
        List<?> row = (List<?>) element;
        state.results.add(
            new EpochResult(
                ((Number) row.get(0)).intValue(),
                number(row.get(1)),
                number(row.get(2)),
                number(row.get(3)),
                number(row.get(4)),
                number(row.get(5)),
                row.size() > 8 ? numbers(row.get(8)) : List.of(),
                number(row.get(6)),
                row.size() > 9 ? number(row.get(9)) : Double.NaN,
                row.size() > 10 ? margin(row.get(10)) : SpikeMargin.NONE,
                number(row.get(7))));
      }
    } catch (IOException
        | ArithmeticException
        | ClassCastException
        | NullPointerException
        | IndexOutOfBoundsException e) {
      throw new IOException(
          "resume: expected the state of a training, found what is none: "
              + e.getMessage()
              + ". Take an older checkpoint.",
          e);
    }
    return state;
  }

  private static SpikeMargin margin(Object value) {
    List<?> all = (List<?>) value;
    double slope = number(all.get(0));
    return new SpikeMargin(
        Double.isNaN(slope) ? Double.POSITIVE_INFINITY : slope,
        ((Number) all.get(1)).longValue(),
        (String) all.get(2),
        ((Number) all.get(3)).intValue());
  }

  private static List<Object> margin(SpikeMargin margin) {
    return List.of(margin.slope(), margin.grazes(), margin.layer(), margin.sample());
  }

  /** A count. */
  private static int integer(Map<String, Object> json, String key) {
    int value = Math.toIntExact(((Number) json.get(key)).longValue());
    if (value < 0) {
      throw new ArithmeticException(key + " is " + value);
    }
    return value;
  }

  private static double real(Map<String, Object> json, String key) {
    return ((Number) json.get(key)).doubleValue();
  }

  /** Of each layer; older files have one number for all. */
  private static long[] longs(Object value) {
    List<?> all = value instanceof List<?> list ? list : List.of(value);
    return all.stream().mapToLong(n -> ((Number) n).longValue()).toArray();
  }

  private static List<Double> numbers(Object value) {
    return ((List<?>) value).stream().map(TrainingState::number).toList();
  }

  private static double number(Object value) {
    return value == null ? Double.NaN : ((Number) value).doubleValue();
  }

  /**
   * Puts the optimiser and what passes between batches where they were.
   *
   * @param best null without early stopping
   */
  void restore(ModelFile file, Optimizer optimizer, Trainee trainee, BestWeights best)
      throws IOException {
    optimizer.steps(steps);
    restore(file, PREFIX, optimizer.state());
    restore(file, CARRIED, trainee.carried());
    if (best != null) {
      for (String name : best.arrays().keySet()) {
        if (!file.names().contains(BEST + name)) {
          throw new IOException(
              "resume: expected a checkpoint of a training with early stopping, got one without,"
                  + " which has no best weights. Continue without early stopping.");
        }
      }
      restore(file, BEST, best.arrays());
    }
  }

  private static void restore(ModelFile file, String prefix, Map<String, DeviceArray> arrays)
      throws IOException {
    for (Map.Entry<String, DeviceArray> entry : arrays.entrySet()) {
      String name = prefix + entry.getKey();
      switch (file.type(name)) {
        case FLOAT64 -> entry.getValue().copyFrom(file.doubles(name));
        case INT32 -> entry.getValue().copyFrom(file.ints(name));
        default -> entry.getValue().copyFrom(file.floats(name));
      }
    }
  }

  void write(ModelFileBuilder file, Optimizer optimizer, Trainee trainee, BestWeights best) {
    List<Object> rows = new ArrayList<>();
    for (EpochResult r : results) {
      rows.add(
          List.of(
              r.epoch(),
              r.trainLoss(),
              r.trainAccuracy(),
              r.testLoss(),
              r.testAccuracy(),
              r.activity(),
              r.rate(),
              r.seconds(),
              r.activities(),
              r.backwardSparsity(),
              margin(r.margin())));
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("epoch", epoch);
    all.put("batch", batch);
    all.put("steps", optimizer.steps());
    all.put("seconds", seconds);
    all.put("trained", trained);
    all.put("correct", tally.correct);
    all.put("samples", tally.samples);
    all.put("classified", tally.classified);
    all.put("events", Arrays.stream(tally.events).boxed().toList());
    all.put("chances", Arrays.stream(tally.chances).boxed().toList());
    all.put("margin", margin(tally.margin));
    all.put("results", rows);
    file.metadata("training", Json.line(all));
    file.doubles("training.loss", new double[] {tally.loss});
    optimizer.state().forEach((name, array) -> Numbers.put(file, PREFIX + name, array));
    trainee.carried().forEach((name, array) -> Numbers.put(file, CARRIED + name, array));
    if (best != null) {
      best.arrays().forEach((name, array) -> Numbers.put(file, BEST + name, array));
    }
  }
}
