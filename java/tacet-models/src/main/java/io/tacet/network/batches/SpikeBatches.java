package io.tacet.network.batches;

import io.tacet.data.SpikeDataset;
import io.tacet.memory.Resources;
import io.tacet.network.InputSpec;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.TrainingOptions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Batches of event times; keeps a pass for each batch size. */
public final class SpikeBatches implements Batches {
  private static final int TEST_BATCH = 128;

  private final Network network;
  private final SpikeDataset data;
  private final BatchPlan plan;
  private final int capacity;
  private final Map<PassShape, Pass> passes = new HashMap<>();
  private final Resources resources = new Resources();
  private final Prefetch<Samples> prefetch = resources.own(new Prefetch<>());

  /**
   * Samples as a pass takes them.
   *
   * @param times of events, [batch][capacity]
   * @param units channels of the events
   * @param counts events of each sample
   * @param labels of each sample
   * @param numbers of the samples in the data set
   */
  private record Samples(double[] times, int[] units, int[] counts, int[] labels, int[] numbers) {}

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
    order = plan.order(data.size(), plan.batch(), epoch);
    return count();
  }

  private int count() {
    return (data.size() + plan.batch() - 1) / plan.batch();
  }

  private long seed(int epoch, int number, Share share) {
    return share.seed(Batches.seed(plan.seed(), epoch, number));
  }

  /** A share of a batch, by the number of both. */
  private Samples share(int epoch, int turn) {
    int number = turn / plan.shares().here();
    Share share = plan.shares().at(turn % plan.shares().here());
    int begin = number * plan.batch();
    int end = Math.min(data.size(), begin + plan.batch());
    return prepare(
        order,
        share.from(begin, end),
        share.to(begin, end),
        plan.inputDropout(),
        new SplittableRandom(seed(epoch, number, share)));
  }

  @Override
  public Pass train(int epoch, int number, int share, List<Double> activities) {
    int begin = number * plan.batch();
    int end = Math.min(data.size(), begin + plan.batch());
    int here = plan.shares().here();
    Samples samples =
        prefetch.take(epoch, number * here + share, count() * here, k -> share(epoch, k));
    fraction = (double) samples.labels.length / (end - begin);
    if (samples.labels.length == 0) {
      return null;
    }
    Pass pass = load(samples, plan.options());
    pass.forwardUnsettled(seed(epoch, number, plan.shares().at(share)));
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
    Pass pass = load(prepare(samples, from, to, 0, new SplittableRandom(0)), null);
    pass.forward(0);
    return pass;
  }

  /**
   * Samples from .. to-1 of those given.
   *
   * @param dropout probability that an input event is left out, drawn from {@code random}
   */
  private Samples prepare(
      int[] samples, int from, int to, double dropout, SplittableRandom random) {
    int batch = to - from;
    double[] times = new double[Math.multiplyExact(batch, capacity)];
    int[] units = new int[times.length];
    int[] counts = new int[batch];
    int[] labels = new int[batch];
    int[] numbers = Arrays.copyOfRange(samples, from, to);
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
    return new Samples(times, units, counts, labels, numbers);
  }

  private Pass load(Samples samples, TrainingOptions options) {
    Pass pass =
        passes.computeIfAbsent(
            PassShape.events(samples.labels.length, capacity, options),
            shape -> resources.own(new Pass(network, shape)));
    pass.inputSpikes().copyFrom(samples.counts, samples.times, samples.units);
    pass.label(samples.labels);
    pass.number(samples.numbers);
    return pass;
  }

  @Override
  public List<PassShape> shapes(boolean training) {
    int most = training ? plan.batch() : TEST_BATCH;
    TrainingOptions options = training ? plan.options() : null;
    return Batches.sizes(data.size(), most)
        .flatMap(batch -> training ? plan.shares().sizes(batch).boxed() : Stream.of(batch))
        .filter(batch -> batch > 0)
        .distinct()
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
