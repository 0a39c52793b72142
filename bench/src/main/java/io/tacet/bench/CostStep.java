package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.data.Dataset;
import io.tacet.memory.Resources;
import io.tacet.network.EventCounter;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.TrainingOptions;
import io.tacet.network.batches.BatchPlan;
import io.tacet.network.batches.Batches;
import io.tacet.network.batches.Share;
import io.tacet.optim.Adam;
import io.tacet.optim.Optimizer;
import io.tacet.optim.OptimizerSpec;
import io.tacet.training.CrossEntropy;
import io.tacet.training.MemoryPlan;
import io.tacet.training.Training;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Time and memory of training steps of one shape: the same batch again and again, as {@link
 * Training} does it. The learning rate is so small that the activity stays as it is.
 */
final class CostStep {
  private static final OptimizerSpec OPTIMIZER = Adam.rate(1e-7);

  /** Steps measured at least, and at most. */
  private static final int LEAST = 5;

  private static final int MOST = 40;

  /** Steps that come first and are not counted. */
  private static final int FIRST = 2;

  /**
   * What was measured.
   *
   * @param events of a unit and sample
   * @param seconds medians of forward pass, backward pass and update, and of the whole step
   * @param quartiles of the whole step
   * @param steps measured
   * @param build seconds to draw the network and make its arrays
   * @param planned bytes of arrays that {@link MemoryPlan} tells before
   * @param peak bytes of arrays that were open at once
   */
  record Cost(
      CostShape shape,
      double events,
      Map<String, Double> seconds,
      List<Double> quartiles,
      int steps,
      double build,
      long planned,
      long peak) {
    double step() {
      return seconds.get("step");
    }

    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("cell", shape.cell().name());
      map.put("units", shape.units());
      map.put("fanOut", shape.fanOut());
      map.put("synapses", shape.synapses());
      map.put("batch", shape.batch());
      map.put("steps", shape.steps());
      map.put("eventsOfUnit", events);
      map.put("seconds", seconds);
      map.put("stepQuartiles", quartiles);
      map.put("measured", steps);
      map.put("buildSeconds", build);
      map.put("plannedBytes", planned);
      map.put("peakBytes", peak);
      return map;
    }
  }

  private final CostShape shape;
  private final Network network;
  private final Batches batches;
  private final Optimizer optimizer;
  private final List<double[]> taken = new ArrayList<>();
  private Pass pass;

  private CostStep(CostShape shape, Network network, Batches batches, Optimizer optimizer) {
    this.shape = shape;
    this.network = network;
    this.batches = batches;
    this.optimizer = optimizer;
  }

  /**
   * Measures a shape on a backend that has no other arrays.
   *
   * @param seconds to measure for, as long as that gives enough steps
   */
  static Cost measure(Backend backend, CostShape shape, double seconds) {
    Dataset data = shape.data();
    BatchPlan plan =
        new BatchPlan(shape.batch(), 1, 0, 1, false, TrainingOptions.PLAIN, true, Share.ALL);
    long began = System.nanoTime();
    try (Resources open = new Resources()) {
      Network network = open.own(shape.build(backend));
      double build = since(began);
      Batches batches = open.own(Batches.of(network, data, plan));
      Optimizer optimizer = open.own(OPTIMIZER.create(network.parameters()));
      CostStep step = new CostStep(shape, network, batches, optimizer);
      step.repeat(seconds);
      long peak = backend.arrayBytes().peak();
      double events = step.events();
      optimizer.close();
      batches.close();
      long planned =
          Training.of(network).optimizer(OPTIMIZER).batch(shape.batch()).plan(data, null).bytes();
      return step.cost(events, build, planned, peak);
    }
  }

  private static double since(long nanoTime) {
    return (System.nanoTime() - nanoTime) * 1e-9;
  }

  private void repeat(double seconds) {
    for (int k = 0; k < FIRST; k++) {
      step();
    }
    long began = System.nanoTime();
    while (taken.size() < LEAST || (taken.size() < MOST && since(began) < seconds)) {
      taken.add(step());
    }
  }

  /** One step; seconds of its parts. */
  private double[] step() {
    long begin = System.nanoTime();
    network.zeroGradients();
    batches.begin(0);
    pass = batches.train(0, 0, List.of());
    new CrossEntropy().evaluate(pass);
    network.backend().synchronize();
    long forward = System.nanoTime();
    pass.backward();
    network.backend().synchronize();
    long backward = System.nanoTime();
    optimizer.step(1);
    network.backend().synchronize();
    long end = System.nanoTime();
    return new double[] {
      (forward - begin) * 1e-9,
      (backward - forward) * 1e-9,
      (end - backward) * 1e-9,
      (end - begin) * 1e-9
    };
  }

  private double events() {
    EventCounter counter = pass.counters().get(0).get(0);
    return (double) counter.total() / counter.units() / shape.batch();
  }

  private Cost cost(double events, double build, long planned, long peak) {
    Map<String, Double> seconds = new LinkedHashMap<>();
    String[] parts = {"forward", "backward", "update", "step"};
    for (int k = 0; k < parts.length; k++) {
      seconds.put(parts[k], quantile(k, 0.5));
    }
    List<Double> quartiles = List.of(quantile(3, 0.25), quantile(3, 0.75));
    return new Cost(shape, events, seconds, quartiles, taken.size(), build, planned, peak);
  }

  private double quantile(int part, double fraction) {
    double[] sorted = taken.stream().mapToDouble(t -> t[part]).sorted().toArray();
    return sorted[(int) (fraction * (sorted.length - 1) + 0.5)];
  }
}
