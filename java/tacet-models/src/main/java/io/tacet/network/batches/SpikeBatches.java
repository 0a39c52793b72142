package io.tacet.network.batches;

import io.tacet.data.SpikeDataset;
import io.tacet.memory.Resources;
import io.tacet.network.InputSpec;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.TrainingOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Batches of event times; keeps a pass for each batch size. */
public final class SpikeBatches implements Batches {
  private static final int TEST_BATCH = 128;

  private final Network network;
  private final SpikeDataset data;
  private final BatchPlan plan;
  private final int capacity;
  private final Map<PassShape, Pass> passes = new HashMap<>();
  private final Resources resources = new Resources();
  private double[] times = new double[0];
  private int[] units = new int[0];
  private int[] order;
  private double fraction;

  /** Batches of a data set, of the channels of the network. */
  public SpikeBatches(Network network, SpikeDataset data, BatchPlan plan) {
    if (!(network.spec().input() instanceof InputSpec.Spikes input)) {
      throw new IllegalArgumentException(
          "data: expected data for "
              + network.spec().input().toMap()
              + ", got the event times of "
              + data.name()
              + ". Let the network begin with .spikes("
              + data.sources()
              + ").");
    }
    if (data.sources() != input.channels()) {
      throw new IllegalArgumentException(
          "data: expected "
              + input.channels()
              + " input channels as in the network, got "
              + data.sources()
              + " in "
              + data.name()
              + ".");
    }
    Labels.check(network, data.classes(), data.name());
    this.network = network;
    this.data = data;
    this.plan = plan;
    int most = 1;
    for (int i = 0; i < data.size(); i++) {
      most = Math.max(most, data.end(i) - data.begin(i));
    }
    capacity = most;
  }

  @Override
  public int begin(int epoch) {
    order = SpikeDataset.permutation(data.size(), Batches.seed(plan.seed(), epoch, -1));
    return (data.size() + plan.batch() - 1) / plan.batch();
  }

  @Override
  public Pass train(int epoch, int number, List<Double> activities) {
    int begin = number * plan.batch();
    int end = Math.min(data.size(), begin + plan.batch());
    int from = plan.share().from(begin, end);
    int to = plan.share().to(begin, end);
    fraction = (double) (to - from) / (end - begin);
    if (from == to) {
      return null;
    }
    long seed = plan.share().seed(Batches.seed(plan.seed(), epoch, number));
    Pass pass =
        load(order, from, to, plan.inputDropout(), new SplittableRandom(seed), plan.options());
    pass.forward(seed);
    return pass;
  }

  @Override
  public double fraction() {
    return fraction;
  }

  @Override
  public Pass test(int number, List<Double> activities) {
    int from = number * TEST_BATCH;
    if (from >= data.size()) {
      return null;
    }
    return forward(Labels.inOrder(data.size()), from, Math.min(data.size(), from + TEST_BATCH));
  }

  /** A pass without gradients that has gone forward over samples order[from] .. order[to-1]. */
  public Pass forward(int[] samples, int from, int to) {
    Pass pass = load(samples, from, to, 0, new SplittableRandom(0), null);
    pass.forward(0);
    return pass;
  }

  /**
   * Loads samples.
   *
   * @param dropout probability that an input event is left out, drawn from {@code random}
   */
  private Pass load(
      int[] samples,
      int from,
      int to,
      double dropout,
      SplittableRandom random,
      TrainingOptions options) {
    int batch = to - from;
    Pass pass =
        passes.computeIfAbsent(
            PassShape.events(batch, capacity, options),
            shape -> resources.own(new Pass(network, shape)));
    int room = batch * capacity;
    if (times.length != room) {
      times = new double[room];
      units = new int[room];
    }
    int[] counts = new int[batch];
    int[] labels = new int[batch];
    for (int b = 0; b < batch; b++) {
      int sample = samples[from + b];
      int at = b * capacity;
      int end = data.end(sample);
      for (int e = data.begin(sample); e < end; e++) {
        if (dropout == 0 || random.nextDouble() >= dropout) {
          times[at] = data.time(e);
          units[at++] = data.source(e);
        }
      }
      counts[b] = at - b * capacity;
      labels[b] = data.label(sample);
    }
    pass.inputSpikes().counts().copyFrom(counts);
    pass.inputSpikes().times().copyFrom(times, room);
    pass.inputSpikes().units().copyFrom(units, room);
    pass.label(labels);
    return pass;
  }

  @Override
  public List<PassShape> shapes(boolean training) {
    int most = training ? plan.batch() : TEST_BATCH;
    TrainingOptions options = training ? plan.options() : null;
    return Batches.sizes(data.size(), most)
        .map(batch -> training ? plan.share().of(batch) : batch)
        .filter(batch -> batch > 0)
        .map(batch -> PassShape.events(batch, capacity, options))
        .toList();
  }

  @Override
  public int samples() {
    return data.size();
  }

  @Override
  public void close() {
    resources.close();
  }
}
