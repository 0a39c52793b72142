package io.tacet.cli;

import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.memory.DType;
import io.tacet.recurrent.MultiplyAdds;
import io.tacet.recurrent.RecurrentNetwork;
import io.tacet.report.ActivityCurve;
import io.tacet.report.Histogram;
import io.tacet.report.OutputFolder;
import io.tacet.tasks.RecurrentData;
import io.tacet.tasks.RecurrentSettings;
import io.tacet.tasks.RecurrentTask;
import io.tacet.training.EpochResult;
import io.tacet.training.Evaluation;
import io.tacet.training.History;
import io.tacet.training.Trainee;
import io.tacet.training.TrainingLoop;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Training of a network of event-gated recurrent units. */
final class RecurrentJob implements Job {
  private static final int BINS = 40;

  private final RecurrentTask task;
  private final RecurrentSettings settings;
  private final RecurrentData data;
  private final RecurrentNetwork network;
  private final Trainee trainee;

  private RecurrentJob(
      RecurrentTask task,
      RecurrentSettings settings,
      RecurrentData data,
      RecurrentNetwork network,
      Trainee trainee) {
    this.task = task;
    this.settings = settings;
    this.data = data;
    this.network = network;
    this.trainee = trainee;
  }

  /**
   * How to make such a job.
   *
   * @param data loaded for the settings
   * @param from the checkpoint to continue from, whose settings these are; null for a new training
   */
  static Job.Maker maker(
      RecurrentTask task, RecurrentData data, RecurrentSettings asked, Resumption from) {
    return backend -> {
      RecurrentSettings settings =
          backend.supports(asked.precision())
              ? asked
              : asked.with(Map.of("precision", DType.FLOAT32));
      RecurrentNetwork network =
          from == null
              ? RecurrentNetwork.build(backend, data.spec(settings), settings.seed())
              : RecurrentNetwork.read(backend, from.file(), from.origin());
      try {
        return new RecurrentJob(task, settings, data, network, data.trainee(network, settings));
      } catch (RuntimeException | Error e) {
        network.close();
        throw e;
      }
    };
  }

  @Override
  public Map<String, Object> settings() {
    return settings.toMap();
  }

  @Override
  public int epochs() {
    return settings.epochs();
  }

  @Override
  public int batches() {
    return trainee.begin(0);
  }

  @Override
  public History train(Orders orders) throws IOException {
    Map<String, String> metadata = new HashMap<>(orders.metadata());
    metadata.putAll(data.metadata());
    TrainingLoop loop =
        settings
            .loop()
            .metadata(metadata)
            .checkpoint(orders.checkpoint())
            .stopWhen(orders.stop())
            .listener(orders.listener());
    if (orders.saved() != null) {
      loop.resume(orders.saved());
    }
    return loop.run(trainee);
  }

  @Override
  public void write(ModelFileBuilder file) {
    network.write(file);
    data.metadata().forEach(file::metadata);
  }

  @Override
  public void pictures(OutputFolder folder, History history) throws IOException {
    folder.write(
        "activity.png",
        new ActivityCurve(
                task.name(),
                "epoch",
                history.epochs().stream().mapToInt(EpochResult::epoch).toArray())
            .add(
                "activity",
                history.epochs().stream().mapToDouble(EpochResult::activity).toArray()));
    List<double[]> bySteps = trainee.activityBySteps();
    if (!bySteps.isEmpty()) {
      int[] steps = IntStream.rangeClosed(1, bySteps.get(0).length).toArray();
      ActivityCurve curve = new ActivityCurve(task.name() + ", last batch", "step", steps);
      for (int k = 0; k < bySteps.size(); k++) {
        curve.add("layer " + (k + 1), bySteps.get(k));
      }
      folder.write("activity-over-time.png", curve);
    }
    Histogram thresholds = new Histogram(task.name() + ": thresholds", "threshold", 0, 1, BINS);
    for (String strand : network.spec().strands()) {
      thresholds.add(strand, network.arrays().get(strand + ".thresholds").toDoubles());
    }
    folder.write("thresholds.png", thresholds);
  }

  @Override
  public String activityName() {
    return "activity";
  }

  @Override
  public String measured() {
    return data.measured();
  }

  @Override
  public Evaluation test() {
    return data.measured().equals("test") ? null : data.test(network);
  }

  @Override
  public Map<String, Double> scores(double loss) {
    return data.scores(loss);
  }

  @Override
  public String scoreText(double loss) {
    return data.scoreText(loss);
  }

  @Override
  public Map<String, Double> work(EpochResult result) {
    Map<String, Double> all = new LinkedHashMap<>();
    int layers = network.spec().layers();
    List<Double> activities = result.activities();
    if (activities.size() != layers) {
      // From a checkpoint of an older version, which knows their mean.
      activities = Collections.nCopies(layers, result.activity());
    }
    MultiplyAdds work = MultiplyAdds.of(network.spec(), activities);
    all.put("multiplyAddsDense", work.dense());
    all.put("multiplyAddsEvent", work.event());
    all.put("backwardSparsity", trainee.backwardSparsity());
    for (int k = 0; layers > 1 && k < layers; k++) {
      all.put("activity" + (k + 1), activities.get(k));
    }
    return all;
  }

  @Override
  public String published() {
    return task.published();
  }

  @Override
  public void close() {
    try (network) {
      trainee.close();
    }
  }
}
