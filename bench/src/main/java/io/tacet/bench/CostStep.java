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
import io.tacet.network.batches.Shares;
import io.tacet.optim.Adam;
import io.tacet.optim.Optimizer;
import io.tacet.optim.OptimizerSpec;
import io.tacet.training.CrossEntropy;
import io.tacet.training.MemoryPlan;
import io.tacet.training.Training;
import java.lang.management.ManagementFactory;
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

  /** By what steps are timed. */
  enum Clock {
    /** The time that passes. */
    WALL,
    /**
     * The time that the calling thread computes, whoever else uses the machine; for backends with
     * one thread.
     */
    THREAD;

    long nanoTime() {
      return this == WALL
          ? System.nanoTime()
          : ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
  }

  /**
   * What was measured.
   *
   * @param events of a unit and sample
   * @param seconds medians of forward pass, backward pass and update, and of the whole step
   * @param quartiles of the whole step
   * @param steps measured
   * @param build seconds to draw the network and make its arrays
   * @param plan what {@link MemoryPlan} tells before
   * @param peak bytes of arrays that were open at once
   */
  record Cost(
      CostShape shape,
      double events,
      Map<String, Double> seconds,
      List<Double> quartiles,
      int steps,
      double build,
      MemoryPlan plan,
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
      map.put("plannedBytes", plan.bytes());
      map.put("peakBytes", peak);
      map.put("plan", plan.toMap());
      return map;
    }
  }

  private final CostShape shape;
  private final Network network;
  private final Batches batches;
  private final Optimizer optimizer;
  private final Clock clock;
  private final List<double[]> taken = new ArrayList<>();
  private Pass pass;

  private CostStep(
      CostShape shape, Network network, Batches batches, Optimizer optimizer, Clock clock) {
    this.shape = shape;
    this.network = network;
    this.batches = batches;
    this.optimizer = optimizer;
    this.clock = clock;
  }

  /**
   * Measures a shape on a backend that has no other arrays.
   *
   * @param clock by which steps are timed
   * @param seconds to measure for, as long as that gives enough steps
   */
  static Cost measure(Backend backend, CostShape shape, Clock clock, double seconds) {
    Dataset data = shape.data();
    BatchPlan plan =
        new BatchPlan(
            shape.batch(), 1, 0, 0, 1, false, TrainingOptions.PLAIN, true, Shares.ALL, false);
    long began = System.nanoTime();
    try (Resources open = new Resources()) {
      Network network = open.own(shape.build(backend));
      double build = since(began);
      Batches batches = open.own(Batches.of(network, data, plan));
      Optimizer optimizer = open.own(OPTIMIZER.create(network.parameters()));
      CostStep step = new CostStep(shape, network, batches, optimizer, clock);
      step.repeat(seconds);
      long peak = backend.arrayBytes().peak();
      double events = step.events();
      optimizer.close();
      batches.close();
      MemoryPlan planned =
          Training.of(network).optimizer(OPTIMIZER).batch(shape.batch()).plan(data, null);
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
    long begin = clock.nanoTime();
    network.zeroGradients();
    batches.begin(0);
    pass = batches.train(0, 0, List.of());
    new CrossEntropy().evaluate(pass);
    network.backend().synchronize();
    long forward = clock.nanoTime();
    pass.backward();
    network.backend().synchronize();
    long backward = clock.nanoTime();
    optimizer.step(1);
    network.backend().synchronize();
    long end = clock.nanoTime();
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

  private Cost cost(double events, double build, MemoryPlan planned, long peak) {
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
