package io.tacet.network.batches;

import io.tacet.data.SequenceData;
import io.tacet.memory.DType;
import io.tacet.memory.Resources;
import io.tacet.network.Flow;
import io.tacet.network.InputSpec;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.TrainingOptions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Batches of sequences that have one label each, or targets; keeps a pass for each batch size. */
final class SequenceBatches implements Batches {
  /** Most numbers that a layer holds for each step in a batch of a test. */
  private static final long TEST_NUMBERS = 1L << 25;

  private static final int TEST_BATCH = 512;

  /**
   * Numbers of a batch from which on another thread prepares it in less time than it takes to wake.
   */
  private static final int PREFETCHED = 1 << 13;

  private final Network network;
  private final SequenceData data;
  private final BatchPlan plan;
  private final int testBatch;
  private final Map<PassShape, Pass> passes = new HashMap<>();
  private final Resources resources = new Resources();
  private final Prefetch<Samples> prefetch = resources.own(new Prefetch<>());

  /**
   * Samples as a pass takes them.
   *
   * @param inputs [steps][batch][channels]
   * @param labels of each sample
   * @param targets rows for each sample; null for data with labels
   * @param lengths steps of each sample; null where all have all
   */
  private record Samples(float[] inputs, int[] labels, float[] targets, int[] lengths) {}

  private int[] order;
  private double fraction;

  SequenceBatches(Network network, SequenceData data, BatchPlan plan) {
    check(network, data);
    if (plan.answers()) {
      checkAnswers(network, data);
    }
    this.network = network;
    this.data = data;
    this.plan = plan;
    long perSample = 3L * network.spec().below(1).columns() * data.steps();
    testBatch = (int) Math.max(1, Math.min(TEST_BATCH, TEST_NUMBERS / perSample));
  }

  private static void check(Network network, SequenceData data) {
    InputSpec input = network.spec().input();
    if (input.flow().kind() != Flow.Kind.STEPS
        || input.flow().columns() != data.channels()
        || network.spec().outputs() < data.classes()) {
      throw new IllegalArgumentException(
          "data: expected data for "
              + input.toMap()
              + " and at most "
              + network.spec().outputs()
              + " classes, got "
              + data.channels()
              + " channels at every step and "
              + data.classes()
              + " classes in "
              + data.name()
              + ".");
    }
  }

  /** Refuses labels or targets that a read-out does not answer. */
  private static void checkAnswers(Network network, SequenceData data) {
    NetworkSpec spec = network.spec();
    boolean everyStep = data.targetsAtEveryStep();
    if (spec.readsEveryStep() != everyStep
        || (data.targets() > 0 && data.targets() != spec.outputs())) {
      String what = data.targets() > 0 ? data.targets() + " targets" : "a class";
      throw new IllegalArgumentException(
          "data: expected data for a network with "
              + spec.outputs()
              + " outputs at "
              + (spec.readsEveryStep() ? "every step" : "the end of a sequence")
              + ", got "
              + what
              + (everyStep ? " at every step" : " for each sequence")
              + " in "
              + data.name()
              + ". "
              + (everyStep
                  ? "Use .readoutOfEveryStep(" + data.targets() + ")."
                  : "Use .readout(outputs) or .readoutOfLastStep(outputs)."));
    }
  }

  /** Refuses batches that would part what belongs together. */
  private void checkGroups() {
    int group = data.group();
    if (data.size() % group != 0 || plan.batch() % group != 0) {
      throw new IllegalArgumentException(
          "batch: expected a multiple of "
              + group
              + ", since so many neighbours of "
              + data.name()
              + " belong together, got batches of "
              + plan.batch()
              + " of "
              + data.size()
              + " samples.");
    }
  }

  @Override
  public int begin(int epoch) {
    checkGroups();
    int group = data.group();
    int[] groups = plan.order(data.size() / group, plan.batch() / group, epoch);
    order = groups;
    if (group > 1) {
      order = new int[data.size()];
      Arrays.setAll(order, i -> groups[i / group] * group + i % group);
    }
    return count();
  }

  private int count() {
    return (data.size() + plan.batch() - 1) / plan.batch();
  }

  /** Shares up to which the next one is prepared on another thread. */
  private int ahead(int turn) {
    long numbers = (long) plan.batch() * data.steps() * data.channels() / plan.shares().count();
    return numbers < PREFETCHED ? turn + 1 : count() * plan.shares().here();
  }

  /** A share of a batch of the epoch, by the number of both. */
  private Samples share(int epoch, int turn) {
    int number = turn / plan.shares().here();
    Share share = plan.shares().at(turn % plan.shares().here());
    int begin = number * plan.batch();
    int end = Math.min(data.size(), begin + plan.batch());
    int group = data.group();
    int from = share.from(begin / group, end / group) * group;
    int to = share.to(begin / group, end / group) * group;
    Samples samples = prepare(order, from, to);
    if (plan.inputNoise() > 0) {
      addNoise(samples.inputs, new SplittableRandom(seed(epoch, number, share)));
    }
    return samples;
  }

  private void addNoise(float[] inputs, SplittableRandom random) {
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] += (float) (plan.inputNoise() * random.nextGaussian());
    }
  }

  private long seed(int epoch, int number, Share share) {
    return share.seed(Batches.seed(plan.seed(), epoch, number));
  }

  @Override
  public Pass train(int epoch, int number, int share, List<Double> activities) {
    int begin = number * plan.batch();
    int end = Math.min(data.size(), begin + plan.batch());
    int turn = number * plan.shares().here() + share;
    Samples samples = prefetch.take(epoch, turn, ahead(turn), k -> share(epoch, k));
    fraction = (double) rows(samples) / rows(begin, end);
    if (samples.labels.length == 0) {
      return null;
    }
    Pass pass = load(samples, plan.options());
    pass.expect(activities);
    pass.forward(seed(epoch, number, plan.shares().at(share)));
    return pass;
  }

  /** Rows that losses are averaged over. */
  private long rows(int begin, int end) {
    return data.targetsAtEveryStep()
        ? Arrays.stream(order, begin, end).mapToLong(data::length).sum()
        : end - begin;
  }

  private long rows(Samples samples) {
    int count = samples.labels.length;
    boolean sums = data.targetsAtEveryStep() && samples.lengths != null;
    return sums
        ? Arrays.stream(samples.lengths).asLongStream().sum()
        : data.targetsAtEveryStep() ? (long) count * data.steps() : count;
  }

  @Override
  public double fraction() {
    return fraction;
  }

  @Override
  public Pass test(int number, List<Double> activities) {
    int from = number * testBatch;
    if (from >= data.size()) {
      return null;
    }
    int[] all = Labels.inOrder(data.size());
    Pass pass = load(prepare(all, from, Math.min(data.size(), from + testBatch)), null);
    pass.expect(activities);
    pass.forward(0);
    return pass;
  }

  /** Samples from .. to-1 of those given. */
  private Samples prepare(int[] samples, int from, int to) {
    int batch = to - from;
    float[] inputs = new float[Math.multiplyExact(data.steps() * data.channels(), batch)];
    int[] labels = new int[batch];
    int rows = data.targetsAtEveryStep() ? data.steps() : 1;
    float[] targets = data.targets() == 0 ? null : new float[rows * batch * data.targets()];
    int[] lengths = new int[batch];
    Arrays.setAll(lengths, b -> data.length(samples[from + b]));
    for (int b = 0; b < batch; b++) {
      data.fill(samples[from + b], inputs, batch, b);
      if (targets == null) {
        labels[b] = data.label(samples[from + b]);
      } else if (plan.answers()) {
        data.fillTargets(samples[from + b], targets, batch, b);
      }
    }
    boolean whole = Arrays.stream(lengths).allMatch(length -> length == data.steps());
    return new Samples(inputs, labels, targets, whole ? null : lengths);
  }

  private Pass load(Samples samples, TrainingOptions options) {
    Pass pass =
        passes.computeIfAbsent(
            PassShape.steps(samples.labels.length, data.steps(), options),
            shape -> resources.own(new Pass(network, shape)));
    pass.lengths(samples.lengths);
    if (plan.answers() && samples.targets != null) {
      pass.target(samples.targets);
    } else if (plan.answers()) {
      pass.label(samples.labels);
    }
    if (pass.inputSteps().type() == DType.FLOAT32) {
      pass.inputSteps().copyFrom(samples.inputs);
    } else {
      double[] wide = new double[samples.inputs.length];
      for (int i = 0; i < wide.length; i++) {
        wide[i] = samples.inputs[i];
      }
      pass.inputSteps().copyFrom(wide);
    }
    return pass;
  }

  @Override
  public List<PassShape> shapes(boolean training) {
    int most = training ? plan.batch() : testBatch;
    TrainingOptions options = training ? plan.options() : null;
    return Batches.sizes(data.size(), most)
        .flatMap(batch -> training ? sizes(batch) : Stream.of(batch))
        .filter(batch -> batch > 0)
        .distinct()
        .map(batch -> PassShape.steps(batch, data.steps(), options))
        .toList();
  }

  private Stream<Integer> sizes(int batch) {
    int group = data.group();
    return plan.shares().sizes(batch / group).mapToObj(size -> size * group);
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
