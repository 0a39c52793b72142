package io.tacet.recurrent;

import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.data.SequenceData;
import io.tacet.data.SpikeDataset;
import io.tacet.memory.DType;
import io.tacet.memory.Resources;
import io.tacet.optim.Parameter;
import io.tacet.training.Evaluation;
import io.tacet.training.Tally;
import io.tacet.training.Trainee;
import io.tacet.training.TrainingLoop;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Classification of sequences: cross-entropy of a linear read-out of the trace after the last step.
 */
public final class SequenceTrainee implements Trainee {
  /** Most numbers of the first layer's currents in a batch of a test. */
  private static final long TEST_NUMBERS = 1L << 25;

  private static final int TEST_BATCH = 512;

  private final RecurrentNetwork network;
  private final SequenceData train;
  private final SequenceData test;
  private final RecurrentTraining settings;
  private final Resources resources = new Resources();
  private final Map<Integer, Unroll> passes = new HashMap<>();
  private final Map<Integer, Unroll> tests = new HashMap<>();

  /** The last pass of training; null before the first. */
  private Unroll latest;

  private float[] inputs = new float[0];
  private int[] order;

  /**
   * @param test null for none
   */
  public SequenceTrainee(
      RecurrentNetwork network, SequenceData train, SequenceData test, RecurrentTraining settings) {
    check(network.spec(), train);
    settings.dropouts().check(network.spec());
    this.network = network;
    this.train = train;
    this.test = test;
    this.settings = settings;
  }

  private static void check(RecurrentSpec spec, SequenceData data) {
    if (spec.tokens()
        || spec.everyStep()
        || spec.inputs() != data.channels()
        || spec.outputs() < data.classes()) {
      throw new IllegalArgumentException(
          "data: expected dense inputs of "
              + spec.inputs()
              + " channels for a network that is read out at the end, and at most "
              + spec.outputs()
              + " classes, got "
              + data.channels()
              + " and "
              + data.classes()
              + " in "
              + data.name()
              + ".");
    }
  }

  @Override
  public List<Parameter> parameters() {
    return network.parameters();
  }

  @Override
  public int begin(int epoch) {
    order = SpikeDataset.permutation(train.size(), TrainingLoop.mix(settings.seed(), epoch, -1));
    return (train.size() + settings.batch() - 1) / settings.batch();
  }

  @Override
  public void batch(int epoch, int number, Tally tally) {
    int from = number * settings.batch();
    int to = Math.min(train.size(), from + settings.batch());
    Unroll pass =
        passes.computeIfAbsent(
            to - from,
            n ->
                resources.own(
                    Unroll.training(
                        network, train.steps(), n, settings.dropouts(), settings.tape())));
    int[] labels = load(pass, train, order, from);
    network.zeroGradients();
    pass.expect(tally.activities());
    pass.forward(null, null, TrainingLoop.mix(settings.seed(), epoch, number));
    pass.loss(1.0 / pass.batch());
    pass.backward(settings.activity());
    latest = pass;
    count(pass, labels, tally);
  }

  @Override
  public double backwardSparsity() {
    return latest == null ? Double.NaN : latest.backwardSparsity();
  }

  @Override
  public List<double[]> activityBySteps() {
    return latest == null ? List.of() : latest.activityBySteps();
  }

  @Override
  public Evaluation test() {
    return test == null ? null : evaluate(test);
  }

  private Evaluation evaluate(SequenceData data) {
    long perSample = 3L * network.spec().outputsOf(0) * data.steps();
    int most = (int) Math.max(1, Math.min(TEST_BATCH, TEST_NUMBERS / perSample));
    int[] all = new int[data.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    int[] predicted = new int[all.length];
    Tally tally = new Tally();
    for (int from = 0; from < all.length; from += most) {
      int count = Math.min(most, all.length - from);
      Unroll pass =
          tests.computeIfAbsent(
              count, n -> resources.own(Unroll.inference(network, data.steps(), n)));
      int[] labels = load(pass, data, all, from);
      pass.expect(tally.activities());
      pass.forward(null, null, 0);
      pass.loss(1);
      int[] classes = count(pass, labels, tally);
      System.arraycopy(classes, 0, predicted, from, count);
    }
    return new Evaluation(tally.meanLoss(), tally.accuracy(), tally.activity(), predicted);
  }

  /** How a network does on a data set; nothing changes. */
  public static Evaluation evaluate(RecurrentNetwork network, SequenceData data) {
    check(network.spec(), data);
    try (SequenceTrainee trainee =
        new SequenceTrainee(network, data, data, RecurrentTraining.of(1, 0))) {
      return trainee.evaluate(data);
    }
  }

  /** Returns the labels. */
  private int[] load(Unroll pass, SequenceData data, int[] samples, int from) {
    int batch = pass.batch();
    int[] labels = new int[batch];
    int length = Math.toIntExact(pass.inputs().length());
    if (inputs.length != length) {
      inputs = new float[length];
    }
    for (int b = 0; b < batch; b++) {
      data.fill(samples[from + b], inputs, batch, b);
      labels[b] = data.label(samples[from + b]);
    }
    pass.labels().copyFrom(labels);
    if (pass.inputs().type() == DType.FLOAT32) {
      pass.inputs().copyFrom(inputs);
    } else {
      double[] wide = new double[length];
      for (int i = 0; i < length; i++) {
        wide[i] = inputs[i];
      }
      pass.inputs().copyFrom(wide);
    }
    return labels;
  }

  /** Adds what a pass gave; returns its predictions. */
  static int[] count(Unroll pass, int[] labels, Tally tally) {
    int[] predicted = pass.predicted().toInts();
    tally.predictions(pass.losses().toDoubles(), predicted, labels);
    for (int k = 0; k < pass.layers(); k++) {
      tally.events(k, pass.events(k), pass.possible(k));
    }
    return predicted;
  }

  @Override
  public void write(ModelFileBuilder file) {
    network.write(file);
  }

  @Override
  public void close() {
    resources.close();
  }
}
