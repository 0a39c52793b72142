package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.memory.DType;
import io.tacet.network.Network;
import io.tacet.report.OutputFolder;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import io.tacet.training.EpochResult;
import io.tacet.training.History;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Path;
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
   * @param asked settings of a new training
   * @param precisionAsked whether the precision was asked for; else that of the task is used where
   *     the backend has it, and single precision elsewhere
   * @param epochs number of epochs asked for on resuming; null for that of the checkpoint
   */
  static Job.Maker maker(
      Task task, Task.Data sets, Settings asked, boolean precisionAsked, Integer epochs) {
    return (backend, saved, origin) -> {
      Settings settings = asked;
      if (saved != null) {
        settings = Settings.parse(saved.metadata("settings"));
        settings = epochs == null ? settings : settings.withEpochs(epochs);
      }
      if (!precisionAsked && !backend.supports(settings.precision())) {
        settings = settings.withPrecision(DType.FLOAT32);
      }
      return new SpikingJob(task, settings, sets, network(task, settings, backend, saved, origin));
    };
  }

  private static Network network(
      Task task, Settings settings, Backend backend, ModelFile saved, Path origin)
      throws IOException {
    return saved == null
        ? task.build(backend, settings)
        : Network.read(backend, saved, origin, null);
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
  public Map<String, Double> score(EpochResult result) {
    return Map.of();
  }

  @Override
  public String scoreText(EpochResult result) {
    return "";
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
