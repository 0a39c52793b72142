package io.tacet.tasks;

import io.tacet.Backend;
import io.tacet.data.Sequences;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.training.Loss;
import io.tacet.training.Training;
import io.tacet.training.VoltageLoss;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequence detection by a recurrent layer: 100 neurons with sparse recurrent synapses (10 %) whose
 * weights and delays are learned together. Our own task; shows exact gradients through recurrence.
 */
public final class SequenceTask implements Task {
  private static final double DENSITY = 0.1;

  @Override
  public String name() {
    return "sequence";
  }

  @Override
  public String published() {
    return "none, a task of our own";
  }

  @Override
  public List<String> classes() {
    return IntStream.range(0, Sequences.CLASSES).mapToObj(Sequences::nameOf).toList();
  }

  @Override
  public Settings settings(String recipe) {
    if (!recipe.equals("paper")) {
      throw Task.noRecipe(recipe, "paper");
    }
    return new Settings(
        name(), recipe, 20, 32, 0, 100, 80, DType.FLOAT32, Simulator.exact(), "max");
  }

  @Override
  public Data load(Path directory) {
    return new Data(
        Sequences.generate("sequences train", 1500, 1),
        Sequences.generate("sequences validation", 500, 2),
        Sequences.generate("sequences test", 500, 3));
  }

  @Override
  public Network build(Backend backend, Settings settings) {
    Lif lif = Lif.tau(20, 5);
    return Network.on(backend)
        .precision(settings.precision())
        .simulator(settings.simulator())
        .duration(settings.duration())
        .spikes(Sequences.SOURCES)
        .lif(
            settings.hidden(),
            lif,
            Connection.dense(Weights.normal(3, 2)).delays(0, 10).trainDelays(),
            Connection.sparse(DENSITY, Weights.normal(0, 1)).delays(1, 10).trainDelays())
        .readout(Sequences.CLASSES, 20, 5, Weights.normal(0, 0.3), Reduction.MAX)
        .build(settings.seed());
  }

  @Override
  public Loss loss(Settings settings) {
    if (!settings.loss().equals("max")) {
      throw new IllegalArgumentException(
          "loss: sequence has the loss max, got '" + settings.loss() + "'.");
    }
    return new VoltageLoss();
  }

  @Override
  public Training training(Network network, Settings settings) {
    return Training.of(network)
        .loss(loss(settings))
        .optimizer(Adam.rate(5e-3).decay(0.95))
        .epochs(settings.epochs())
        .batch(settings.batch())
        .seed(settings.seed());
  }
}
