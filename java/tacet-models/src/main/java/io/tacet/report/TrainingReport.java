package io.tacet.report;

import io.tacet.network.Flow;
import io.tacet.network.LayerSpec;
import io.tacet.network.MultiplyAdds;
import io.tacet.network.Network;
import io.tacet.network.SpikeMargin;
import io.tacet.optim.Parameter;
import io.tacet.training.EpochResult;
import io.tacet.training.TrainingListener;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;

/**
 * A listener that writes how a training goes: metrics.csv, a TensorBoard file, with histograms of
 * the parameters after each epoch, and, unless it is quiet, progress on the terminal. The caller
 * closes it.
 */
public final class TrainingReport implements TrainingListener, Closeable {
  /** Elements above which a histogram of a parameter would take too much memory. */
  private static final long LARGEST_HISTOGRAM = 1 << 22;

  private final Network network;
  private final Words words;
  private final MetricsCsv metrics;
  private final TensorBoardWriter board;
  private final Progress progress;
  private final boolean steps;
  private final boolean watches;
  private double before;

  /** Smallest slope that there has been a warning of. */
  private double warned = Double.POSITIVE_INFINITY;

  /**
   * How results are named.
   *
   * @param measured name of the set that epochs are measured on, such as test
   * @param scores the usual measures for a mean loss, by name
   * @param scoreText the same in words; empty if there is none
   */
  public record Words(
      String measured,
      DoubleFunction<Map<String, Double>> scores,
      DoubleFunction<String> scoreText) {
    /** Accuracy on a test set. */
    public static Words usual() {
      return new Words("test", loss -> Map.of(), loss -> "");
    }
  }

  /**
   * Opens the files of a report.
   *
   * @param done epochs that an earlier run has finished, whose rows stay, or are written again
   *     where they are missing; empty for a new training
   * @param progress null for none
   */
  public TrainingReport(
      OutputFolder folder, Network network, Words words, List<EpochResult> done, Progress progress)
      throws IOException {
    this.network = network;
    this.words = words;
    this.progress = progress;
    this.steps = network.spec().input().flow().kind() != Flow.Kind.SPIKES;
    watches = network.spec().watchesSpikes();
    metrics =
        done.isEmpty()
            ? MetricsCsv.create(folder.file("metrics.csv"))
            : MetricsCsv.resume(folder.file("metrics.csv"), done.size() + 1);
    for (EpochResult result : done) {
      if (result.epoch() > metrics.last()) {
        metrics.write(result.epoch(), values(result));
      }
    }
    board =
        done.isEmpty()
            ? TensorBoardWriter.create(folder.path())
            : TensorBoardWriter.resume(folder.path(), done.size() + 1L);
  }

  @Override
  public boolean readsGradients() {
    return false;
  }

  @Override
  public void begin(int done, int epochs, int batches) {
    if (progress != null && done < epochs) {
      progress.activityName(steps ? "activity" : "events/neuron");
      progress.measuredName(words.measured());
      progress.begin(done + 1, epochs, batches);
    }
  }

  @Override
  public void batch(
      int epoch, int batch, int batches, double loss, double accuracy, double activity) {
    if (progress != null) {
      progress.batch(epoch, batch, loss, accuracy, activity);
    }
  }

  private Map<String, Double> values(EpochResult result) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("trainLoss", result.trainLoss());
    // Samples with targets have no accuracy, in any epoch.
    boolean classified = !Double.isNaN(result.trainAccuracy());
    if (classified) {
      values.put("trainAccuracy", result.trainAccuracy());
    }
    values.put(words.measured() + "Loss", result.testLoss());
    if (classified) {
      values.put(words.measured() + "Accuracy", result.testAccuracy());
    }
    if (!Double.isNaN(result.activity())) {
      values.put("activity", result.activity());
    }
    if (watches) {
      double slope = result.margin().slope();
      values.put("smallestSlope", Double.isInfinite(slope) ? Double.NaN : slope);
      values.put("grazes", (double) result.margin().grazes());
    }
    values.put("rateFactor", result.rate());
    values.put("seconds", result.seconds());
    values.putAll(words.scores().apply(result.testLoss()));
    values.putAll(work(network, result));
    return values;
  }

  @Override
  public void epoch(EpochResult result) {
    Map<String, Double> values = values(result);
    try {
      metrics.write(result.epoch(), values);
      for (Map.Entry<String, Double> value : values.entrySet()) {
        board.scalar(value.getKey(), result.epoch(), value.getValue());
      }
      for (Parameter parameter : network.parameters()) {
        if (parameter.value().length() <= LARGEST_HISTOGRAM) {
          board.histogram(parameter.name(), result.epoch(), parameter.value().toDoubles());
        }
      }
      board.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    if (progress != null) {
      progress.epoch(
          new EpochSummary(
              result.epoch(),
              result.trainLoss(),
              result.trainAccuracy(),
              result.testAccuracy(),
              result.activity(),
              result.seconds() - before),
          words.scoreText().apply(result.testLoss()).replaceFirst("^, ", ""));
      warn(result.epoch(), result.margin());
      before = result.seconds();
    }
  }

  /** Once, and again of a slope that is ten times as small: narrow ones come up now and then. */
  private void warn(int epoch, SpikeMargin margin) {
    if (margin.isNarrow() && margin.slope() < 0.1 * warned) {
      warned = margin.slope();
      progress.line(
          String.format(
              Locale.ROOT,
              "warning: in epoch %d a spike of %s in sample %d of the training set nearly vanished:"
                  + " its condition was met with a slope of %.1e per ms, by whose inverse gradients"
                  + " grow. Unless that is bounded (--least-slope), limit the norm of the gradient"
                  + " (--clip) or lower the learning rate.",
              epoch,
              margin.layer(),
              margin.sample(),
              margin.slope()));
    }
  }

  /**
   * What a network of steps computed in an epoch: multiplications of a step, dense and of events,
   * backward sparsity, and the activity of each layer where there are several. Empty for networks
   * of event times; the same names each time.
   */
  public static Map<String, Double> work(Network network, EpochResult result) {
    if (network.spec().input().flow().kind() == Flow.Kind.SPIKES) {
      return Map.of();
    }
    int layers = (int) network.spec().layers().stream().filter(LayerSpec::hasEvents).count();
    List<Double> activities = result.activities();
    if (activities.size() != layers) {
      activities = Collections.nCopies(layers, result.activity());
    }
    MultiplyAdds work = network.multiplyAdds(activities);
    Map<String, Double> all = new LinkedHashMap<>();
    all.put("multiplyAddsDense", work.dense());
    all.put("multiplyAddsEvent", work.event());
    all.put("backwardSparsity", result.backwardSparsity());
    for (int k = 0; layers > 1 && k < layers; k++) {
      all.put("activity" + (k + 1), activities.get(k));
    }
    return all;
  }

  @Override
  public void close() throws IOException {
    try (board;
        metrics) {
      if (progress != null) {
        progress.close();
      }
    }
  }
}
