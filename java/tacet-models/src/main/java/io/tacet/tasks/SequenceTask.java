package io.tacet.tasks;

import io.tacet.data.Sequences;
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
  public String summary() {
    return "order of three events, recurrent spiking, delays learned";
  }

  @Override
  public String published() {
    return "none, a task of our own";
  }

  @Override
  public List<Option> options() {
    return Options.join(Options.spiking(100, 80, "single"), Options.common(20, 32, 5e-3));
  }

  @Override
  public Map<String, Map<String, Object>> recipes() {
    return Map.of("default", Map.of("decay", 0.95));
  }

  @Override
  public TaskData load(Path directory, Settings s) {
    return TaskData.labelled(
            Sequences.generate("sequences train", 1500, 1),
            Sequences.generate("sequences validation", 500, 2),
            Sequences.generate("sequences test", 500, 3),
            IntStream.range(0, Sequences.CLASSES).mapToObj(Sequences::nameOf).toList())
        .first(s.integer("samples"));
  }

  @Override
  public NetworkSpec network(Settings s, TaskData data) {
    return NetworkSpec.builder()
        .precision(s.precision())
        .simulator(s.simulator())
        .duration(s.real("duration"))
        .spikes(Sequences.SOURCES)
        .lif(
            s.integer("hidden"),
            Lif.tau(20, 5),
            Connection.dense(Weights.normal(3, 2)).delays(0, 10).trainDelays(),
            Connection.sparse(DENSITY, Weights.normal(0, 1)).delays(1, 10).trainDelays())
        .readout(Sequences.CLASSES, 20, 5, Weights.normal(0, 0.3), Reduction.MAX)
        .spec();
  }

  @Override
  public Loss loss(Settings s) {
    return new CrossEntropy();
  }
}
