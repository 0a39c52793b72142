package io.tacet.report;

import io.tacet.data.Dataset;
import io.tacet.data.SpikeDataset;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Flow;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.training.EpochResult;
import io.tacet.training.History;
import io.tacet.training.TrainingListener;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The pictures that every training gets: learning curve; of event times a raster; of steps the
 * activity over epochs and over the steps of a sequence and the thresholds, where units have
 * events. Listens to a training, then {@link #write}.
 */
public final class TrainingPictures implements TrainingListener {
  private static final int BINS = 40;

  private final String title;
  private List<double[]> bySteps = List.of();

  /** Pictures with this title. */
  public TrainingPictures(String title) {
    this.title = title;
  }

  @Override
  public boolean readsGradients() {
    return false;
  }

  @Override
  public void end(Pass last) {
    if (last != null) {
      bySteps = last.activityBySteps();
    }
  }

  /**
   * Writes the pictures.
   *
   * @param measured name of the set that epochs were measured on
   * @param test whose first samples a raster shows
   * @param classes their names; empty if they have none
   */
  public void write(
      OutputFolder folder,
      Network network,
      History history,
      String measured,
      Dataset test,
      List<String> classes)
      throws IOException {
    List<EpochResult> epochs = history.epochs();
    int[] numbers = epochs.stream().mapToInt(EpochResult::epoch).toArray();
    folder.write("learning-curve.png", curve(epochs, numbers, measured));
    if (network.spec().input().flow().kind() == Flow.Kind.SPIKES) {
      folder.write("raster.png", RasterPicture.of(network, (SpikeDataset) test, classes));
      return;
    }
    double[] activity = epochs.stream().mapToDouble(EpochResult::activity).toArray();
    if (Arrays.stream(activity).noneMatch(Double::isNaN)) {
      folder.write(
          "activity.png", new ActivityCurve(title, "epoch", numbers).add("activity", activity));
    }
    if (!bySteps.isEmpty()) {
      int[] steps = IntStream.rangeClosed(1, bySteps.get(0).length).toArray();
      ActivityCurve curve = new ActivityCurve(title + ", last batch", "step", steps);
      for (int k = 0; k < bySteps.size(); k++) {
        curve.add("layer " + (k + 1), bySteps.get(k));
      }
      folder.write("activity-over-time.png", curve);
    }
    writeThresholds(folder, network);
  }

  private LearningCurve curve(List<EpochResult> epochs, int[] numbers, String measured) {
    return new LearningCurve(title, numbers)
        .add(
            "train",
            epochs.stream().mapToDouble(EpochResult::trainLoss).toArray(),
            epochs.stream().mapToDouble(EpochResult::trainAccuracy).toArray())
        .add(
            measured,
            epochs.stream().mapToDouble(EpochResult::testLoss).toArray(),
            epochs.stream().mapToDouble(EpochResult::testAccuracy).toArray());
  }

  private void writeThresholds(OutputFolder folder, Network network) throws IOException {
    String suffix = ".thresholds";
    Histogram thresholds = null;
    for (Map.Entry<String, DeviceArray> array : network.arrays().entrySet()) {
      String name = array.getKey();
      if (name.endsWith(suffix)) {
        thresholds =
            thresholds == null
                ? new Histogram(title + ": thresholds", "threshold", 0, 1, BINS)
                : thresholds;
        thresholds.add(
            name.substring(0, name.length() - suffix.length()), array.getValue().toDoubles());
      }
    }
    if (thresholds != null) {
      folder.write("thresholds.png", thresholds);
    }
  }
}
