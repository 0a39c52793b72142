package io.tacet.cli;

import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.memory.DType;
import io.tacet.network.Network;
import io.tacet.report.OutputFolder;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import io.tacet.training.EpochResult;
import io.tacet.training.Evaluation;
import io.tacet.training.History;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.Map;

/** Training of a spiking network. */
final class SpikingJob implements Job {
  private final Task task;
  private final Settings settings;
  private final Task.Data sets;
  private final Network network;

  private SpikingJob(Task task, Settings settings, Task.Data sets, Network network) {
    this.task = task;
    this.settings = settings;
    this.sets = sets;
    this.network = network;
  }

  /**
   * How to make such a job.
   *
   * @param precisionAsked whether the precision was asked for; else that of the settings is used
   *     where the backend has it, and single precision elsewhere
   * @param from the checkpoint to continue from, whose settings these are; null for a new training
   */
  static Job.Maker maker(
      Task task, Task.Data sets, Settings asked, boolean precisionAsked, Resumption from) {
    return backend -> {
      Settings settings =
          precisionAsked || backend.supports(asked.precision())
              ? asked
              : asked.withPrecision(DType.FLOAT32);
      Network network =
          from == null
              ? task.build(backend, settings)
              : Network.read(backend, from.file(), from.origin(), null);
      return new SpikingJob(task, settings, sets, network);
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
    return (sets.train().size() + settings.batch() - 1) / settings.batch();
  }

  @Override
  public History train(Orders orders) throws IOException {
    Training training =
        task.training(network, settings)
            .metadata(orders.metadata())
            .checkpoint(orders.checkpoint())
            .stopWhen(orders.stop())
            .listener(orders.listener());
    if (orders.saved() != null) {
      training.resume(orders.saved());
    }
    return training.run(sets.train(), sets.test());
  }

  @Override
  public void write(ModelFileBuilder file) {
    network.write(file);
  }

  @Override
  public void pictures(OutputFolder folder, History history) throws IOException {
    folder.write("raster.png", RasterPicture.of(network, sets.test(), task.classes()));
    task.pictures(network, settings, sets, folder);
  }

  @Override
  public String activityName() {
    return "events/neuron";
  }

  @Override
  public String measured() {
    return "test";
  }

  @Override
  public Evaluation test() {
    return null;
  }

  @Override
  public Map<String, Double> scores(double loss) {
    return Map.of();
  }

  @Override
  public String scoreText(double loss) {
    return "";
  }

  @Override
  public Map<String, Double> work(EpochResult result) {
    return Map.of();
  }

  @Override
  public String published() {
    return task.published();
  }

  @Override
  public void close() {
    network.close();
  }
}
