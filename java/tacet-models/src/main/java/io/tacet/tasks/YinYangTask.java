package io.tacet.tasks;

import io.tacet.Backend;
import io.tacet.data.LabelledPoints;
import io.tacet.data.YinYang;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.report.DecisionMap;
import io.tacet.report.OutputFolder;
import io.tacet.training.Evaluation;
import io.tacet.training.Loss;
import io.tacet.training.TimeToFirstSpike;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The Yin-Yang data set (Kriener, G&ouml;ltz and Petrovici 2022) with the network, loss and
 * settings of Wunderlich and Pehle (2021): 5 inputs, 200 hidden neurons, 3 outputs, time to first
 * spike.
 */
public final class YinYangTask implements Task {
  private static final int MAP_SIDE = 200;

  /** Ours: the delays of the input synapses are learned too, from 0. */
  private static final String BEST = "best";

  /**
   * A sample whose own output is silent gives no gradient, as in the authors' code; plain {@code
   * ttfs} lets the other outputs be pushed into silence.
   */
  private static final String SKIP_SILENT = "ttfs-skip-silent";

  private static final Lif LIF = Lif.tau(20, 5);

  @Override
  public String name() {
    return "yin-yang";
  }

  @Override
  public String published() {
    return "98.10 +- 0.18 % test accuracy over 10 seeds (Wunderlich and Pehle 2021)";
  }

  @Override
  public List<String> classes() {
    return List.of("yin", "yang", "dot");
  }

  @Override
  public Settings settings(String recipe) {
    int batch =
        switch (recipe) {
          case "paper" -> 32;
          case BEST -> 64;
          default -> throw Task.noRecipe(recipe, "paper", BEST);
        };
    return new Settings(
        name(), recipe, 100, batch, 0, 200, 60, DType.FLOAT64, Simulator.exact(), SKIP_SILENT);
  }

  @Override
  public Data load(Path directory) {
    return new Data(YinYang.train(), YinYang.validation(), YinYang.test());
  }

  @Override
  public Network build(Backend backend, Settings settings) {
    Connection input = Connection.dense(Weights.normal(1.5, 0.78));
    return Network.on(backend)
        .precision(settings.precision())
        .simulator(settings.simulator())
        .duration(settings.duration())
        .spikes(YinYang.SOURCES)
        .lif(settings.hidden(), LIF, settings.recipe().equals(BEST) ? input.trainDelays() : input)
        .lif(YinYang.CLASSES, LIF, Weights.normal(0.93, 0.1))
        .build(settings.seed());
  }

  @Override
  public Loss loss(Settings settings) {
    return switch (settings.loss()) {
      case "ttfs" -> TimeToFirstSpike.of(0.5, 6.4, 3e-3);
      case SKIP_SILENT -> TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels();
      default ->
          throw new IllegalArgumentException(
              "loss: yin-yang has the losses "
                  + SKIP_SILENT
                  + " and ttfs, got '"
                  + settings.loss()
                  + "'.");
    };
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

  @Override
  public void pictures(Network network, Settings settings, Data data, OutputFolder folder)
      throws IOException {
    LabelledPoints grid = YinYang.grid(MAP_SIDE);
    int[] areas = Evaluation.of(network, loss(settings), YinYang.encode("grid", grid)).predicted();
    LabelledPoints points = YinYang.testPoints();
    int[] predicted = Evaluation.of(network, loss(settings), data.test()).predicted();
    folder.write(
        "decision-map.png",
        new DecisionMap("Yin-Yang: class by place, test samples", classes(), MAP_SIDE, areas)
            .points(points.xs(), points.ys(), points.labels(), predicted));
  }
}
