package io.tacet.tasks;

import io.tacet.data.StoreRecall;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Weights;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Loss;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@link StoreRecall} by a recurrent layer, read out by the integral of leaky integrators over
 * time: what each symbol adds to it on its own does not tell the classes apart. Our own task; shows
 * what an adaptive threshold, which lasts as long as the delay, is good for.
 */
public final class StoreRecallTask implements Task {
  private static final Lif LIF = Lif.tau(20, 5);
  private static final double JUMP = 0.8;

  @Override
  public String name() {
    return "store-recall";
  }

  @Override
  public String summary() {
    return "is a symbol the one of 1 to 2 s ago, recurrent spiking";
  }

  @Override
  public String published() {
    return "none, a task of our own";
  }

  @Override
  public List<Option> options() {
    return Options.join(
        List.of(
            Option.choice(
                "neuron", HiddenNeuron.ALIF, "hidden neurons; qif and on take the java backend"),
            Option.real(
                "tauThreshold", 2000, 0.5, 1e6, "decay of the threshold of alif in ms; it trains")),
        Options.spiking(20, 2120, "single"),
        Options.common(10, 16, 1e-2));
  }

  @Override
  public Map<String, Map<String, Object>> recipes() {
    return Map.of("default", Map.of("decay", 0.95));
  }

  @Override
  public TaskData load(Path directory, Settings s) {
    return TaskData.labelled(
            StoreRecall.generate("store-recall train", 500, 1),
            StoreRecall.generate("store-recall validation", 300, 2),
            StoreRecall.generate("store-recall test", 300, 3),
            List.of("different", "same"))
        .first(s.integer("samples"));
  }

  @Override
  public NetworkSpec network(Settings s, TaskData data) {
    HiddenNeuron kind = s.choice("neuron", HiddenNeuron.class);
    return NetworkSpec.builder()
        .precision(s.precision())
        .simulator(s.simulator())
        .duration(s.real("duration"))
        .spikes(StoreRecall.SOURCES)
        .layer(
            kind.layer(
                s.integer("hidden"),
                LIF,
                Connection.dense(kind.weights(0.4, 0.8)),
                Connection.dense(kind.weights(0, 0.1)).delays(1, 10),
                neuron ->
                    kind == HiddenNeuron.ALIF
                        ? neuron
                            .with("tauThreshold", s.real("tauThreshold"))
                            .with("thresholdJump", JUMP)
                            .train("tauThreshold", "thresholdJump")
                        : neuron))
        .readout(StoreRecall.CLASSES, 20, 5, Weights.normal(0, 0.02), Reduction.SUM)
        .spec();
  }

  @Override
  public Loss loss(Settings s) {
    return new CrossEntropy();
  }
}
