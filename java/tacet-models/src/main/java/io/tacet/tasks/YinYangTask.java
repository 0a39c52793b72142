package io.tacet.tasks;

import io.tacet.data.LabelledPoints;
import io.tacet.data.YinYang;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Weights;
import io.tacet.report.DecisionMap;
import io.tacet.report.OutputFolder;
import io.tacet.training.Evaluation;
import io.tacet.training.Loss;
import io.tacet.training.TimeToFirstSpike;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Yin-Yang data set (Kriener, G&ouml;ltz and Petrovici 2022) with the network, loss and
 * settings of Wunderlich and Pehle (2021): 5 inputs, 200 hidden neurons, 3 outputs, time to first
 * spike.
 */
public final class YinYangTask implements Task {
  private static final int MAP_SIDE = 200;

  /** Of neurons that take longer to simulate. */
  private static final int COARSE_SIDE = 60;

  /** Ours: the delays of the input synapses are learned too, from 0. */
  private static final String BEST = "best";

  /**
   * A sample whose own output is silent gives no gradient, as in the authors' code; plain {@code
   * ttfs} lets the other outputs be pushed into silence.
   */
  private static final String SKIP_SILENT = "ttfs-skip-silent";

  private static final String PLAIN = "ttfs";
  private static final List<String> CLASSES = List.of("yin", "yang", "dot");
  private static final Lif LIF = Lif.tau(20, 5);

  @Override
  public String name() {
    return "yin-yang";
  }

  @Override
  public String summary() {
    return "three classes in a plane, spiking, first spike";
  }

  @Override
  public String published() {
    return "98.10 +- 0.18 % test accuracy over 10 seeds (Wunderlich and Pehle 2021)";
  }

  @Override
  public List<Option> options() {
    return Options.join(
        List.of(
            Option.choice(
                "loss",
                SKIP_SILENT,
                "time to first spike; a sample whose own output is silent gives no gradient, or"
                    + " plain; the loss shown is the mean over all samples, silent ones included",
                SKIP_SILENT,
                PLAIN)),
        List.of(
            Option.choice(
                "neuron",
                HiddenNeuron.LIF,
                "hidden neurons; qif and on with the exact simulator on the java backend only")),
        Options.spiking(200, 60, "double"),
        List.of(SparseOptions.density("density", "input synapses of hidden neurons")),
        SparseOptions.rewiring(),
        Options.common(100, 32, 5e-3));
  }

  @Override
  public Map<String, Map<String, Object>> recipes() {
    Map<String, Map<String, Object>> all = new LinkedHashMap<>();
    all.put("paper", Map.of("decay", 0.95));
    all.put(BEST, Map.of("decay", 0.95, "batch", 64));
    return all;
  }

  @Override
  public TaskData load(Path directory, Settings s) {
    return TaskData.labelled(YinYang.train(), YinYang.validation(), YinYang.test(), CLASSES)
        .first(s.integer("samples"));
  }

  @Override
  public NetworkSpec network(Settings s, TaskData data) {
    HiddenNeuron kind = s.choice("neuron", HiddenNeuron.class);
    Connection dense = Connection.dense(kind.weights(1.5, 0.78));
    Connection input = SparseOptions.connection(s, "density", dense);
    Connection from = s.recipe().equals(BEST) ? input.trainDelays() : input;
    return NetworkSpec.builder()
        .precision(s.precision())
        .simulator(s.simulator())
        .duration(s.real("duration"))
        .spikes(YinYang.SOURCES)
        .layer(kind.layer(s.integer("hidden"), LIF, from))
        .lif(YinYang.CLASSES, LIF, Weights.normal(0.93, 0.1))
        .spec();
  }

  @Override
  public Loss loss(Settings s) {
    TimeToFirstSpike plain = TimeToFirstSpike.of(0.5, 6.4, 3e-3);
    return s.text("loss").equals(PLAIN) ? plain : plain.skipSilentLabels();
  }

  @Override
  public void pictures(Network network, Settings settings, TaskData data, OutputFolder folder)
      throws IOException {
    boolean fast = settings.choice("neuron", HiddenNeuron.class) == HiddenNeuron.LIF;
    int side = fast ? MAP_SIDE : COARSE_SIDE;
    LabelledPoints grid = YinYang.grid(side);
    int[] areas = Evaluation.of(network, loss(settings), YinYang.encode("grid", grid)).predicted();
    LabelledPoints points = YinYang.testPoints();
    int[] predicted = Evaluation.of(network, loss(settings), data.test()).predicted();
    folder.write(
        "decision-map.png",
        new DecisionMap("Yin-Yang: class by place, test samples", CLASSES, side, areas)
            .points(points.xs(), points.ys(), points.labels(), predicted));
  }
}
