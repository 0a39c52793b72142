package io.tacet.recurrent;

import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.data.Text;
import io.tacet.egru.EgruState;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.optim.Parameter;
import io.tacet.training.Evaluation;
import io.tacet.training.Tally;
import io.tacet.training.Trainee;
import io.tacet.training.TrainingLoop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Prediction of the next token. The text is cut into as many streams as a batch has samples; an
 * update goes over the next chunk of each, and events and states are carried from chunk to chunk
 * (truncated back-propagation through time). Streams begin at another token in each epoch, and what
 * is left at their ends is shorter than a chunk and left out.
 */
public final class LanguageTrainee implements Trainee {
  private static final int TEST_STREAMS = 32;
  private static final int TEST_CHUNK = 128;

  /** Lengths of chunks are multiples of this, so that neighbours often share their arrays. */
  private static final int GRAIN = 8;

  private final RecurrentNetwork network;
  private final Text train;
  private final Text test;
  private final RecurrentTraining settings;
  private final int chunk;
  private final boolean variable;
  private final Resources resources = new Resources();

  /** The last pass of training and of a test; null before the first. */
  private Unroll pass;

  private Unroll testPass;

  private final List<EgruState> testState;
  private final int testStreams;

  /** What the next chunk starts from, and where its end goes; they change places. */
  private List<EgruState> initial;

  private List<EgruState> last;

  private int[] chunks;
  private int[] begins;
  private int streamStart;
  private int streamLength;

  /**
   * @param test null for none
   * @param chunk steps of a chunk
   * @param variable whether lengths of chunks vary, as in AWD-LSTM: normally distributed around
   *     {@code chunk}, or around half of it with probability 0.05
   */
  public LanguageTrainee(
      RecurrentNetwork network,
      Text train,
      Text test,
      int chunk,
      boolean variable,
      RecurrentTraining settings) {
    check(network.spec(), train);
    settings.dropouts().check(network.spec());
    if (chunk < 1 || train.length() / settings.batch() < 2 * chunk + 1) {
      throw new IllegalArgumentException(
          "chunk: expected streams of at least two chunks, got chunks of "
              + chunk
              + " in a text of "
              + train.length()
              + " tokens cut into "
              + settings.batch()
              + " streams.");
    }
    this.network = network;
    this.train = train;
    this.test = test;
    this.chunk = chunk;
    this.variable = variable;
    this.settings = settings;
    this.testStreams =
        test == null ? 1 : Math.max(1, Math.min(TEST_STREAMS, test.length() / (2 * TEST_CHUNK)));
    try {
      initial = states(settings.batch());
      last = states(settings.batch());
      testState = states(testStreams);
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private static void check(RecurrentSpec spec, Text text) {
    if (!spec.tokens() || !spec.everyStep() || spec.inputs() != text.vocabulary().size()) {
      throw new IllegalArgumentException(
          "text: expected a vocabulary of "
              + spec.inputs()
              + " tokens for a network that is read out at every step, got "
              + text.vocabulary().size()
              + " in "
              + text.name()
              + ".");
    }
  }

  private List<EgruState> states(int batch) {
    List<EgruState> all = new ArrayList<>();
    for (int units : network.spec().units()) {
      all.add(
          resources.own(
              EgruState.zeros(network.backend(), network.spec().precision(), batch, units)));
    }
    return all;
  }

  private static void zero(List<EgruState> states) {
    for (EgruState state : states) {
      state.y().zero();
      state.h().zero();
    }
  }

  @Override
  public List<Parameter> parameters() {
    return network.parameters();
  }

  @Override
  public int begin(int epoch) {
    SplittableRandom random = new SplittableRandom(TrainingLoop.mix(settings.seed(), epoch, -1));
    streamStart = random.nextInt(chunk);
    streamLength = (train.length() - 1 - streamStart) / settings.batch();
    List<Integer> lengths = new ArrayList<>();
    int at = 0;
    for (int length = draw(random); at + length <= streamLength; length = draw(random)) {
      lengths.add(length);
      at += length;
    }
    chunks = lengths.stream().mapToInt(Integer::intValue).toArray();
    begins = new int[chunks.length];
    for (int c = 1; c < chunks.length; c++) {
      begins[c] = begins[c - 1] + chunks[c - 1];
    }
    return chunks.length;
  }

  private int draw(SplittableRandom random) {
    if (!variable) {
      return chunk;
    }
    double mean = random.nextDouble() < 0.95 ? chunk : chunk / 2.0;
    double gauss =
        Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
            * Math.cos(2 * Math.PI * random.nextDouble());
    return (int) Math.max(GRAIN, GRAIN * Math.round((mean + 5 * gauss) / GRAIN));
  }

  @Override
  public void batch(int epoch, int number, Tally tally) {
    if (number == 0) {
      zero(initial);
    }
    int batch = settings.batch();
    if (pass == null || pass.steps() != chunks[number]) {
      // One at a time: the arrays of all lengths that come up would take ten times the memory.
      release(pass);
      pass = null;
      pass = Unroll.training(network, chunks[number], batch, settings.dropouts(), settings.tape());
    }
    int[] labels = load(pass, train.tokens(), streamStart + begins[number], streamLength);
    network.zeroGradients();
    pass.expect(tally.activities());
    pass.forward(initial, last, TrainingLoop.mix(settings.seed(), epoch, number));
    pass.loss(1.0 / ((double) pass.steps() * batch));
    pass.backward(settings.activity());
    List<EgruState> swap = initial;
    initial = last;
    last = swap;
    SequenceTrainee.count(pass, labels, tally);
  }

  /** The rate is for a chunk of the usual length (Merity et al. 2018). */
  @Override
  public double rateFactor() {
    return pass == null ? 1 : (double) pass.steps() / chunk;
  }

  private static void release(Unroll old) {
    if (old != null) {
      old.close();
    }
  }

  /** Stream b begins at {@code from + b stride}; returns the labels, each the token after. */
  private static int[] load(Unroll pass, int[] text, int from, int stride) {
    int batch = pass.batch();
    int[] tokens = new int[pass.steps() * batch];
    int[] labels = new int[tokens.length];
    for (int t = 0; t < pass.steps(); t++) {
      for (int b = 0; b < batch; b++) {
        int at = from + b * stride + t;
        tokens[t * batch + b] = text[at];
        labels[t * batch + b] = text[at + 1];
      }
    }
    pass.tokens().copyFrom(tokens);
    pass.labels().copyFrom(labels);
    return labels;
  }

  @Override
  public double backwardSparsity() {
    return pass == null ? Double.NaN : pass.backwardSparsity();
  }

  @Override
  public List<double[]> activityBySteps() {
    return pass == null ? List.of() : pass.activityBySteps();
  }

  @Override
  public Evaluation test() {
    return test == null ? null : evaluate();
  }

  private Evaluation evaluate() {
    int length = (test.length() - 1) / testStreams;
    zero(testState);
    Tally tally = new Tally();
    for (int at = 0; at < length; at += TEST_CHUNK) {
      int steps = Math.min(TEST_CHUNK, length - at);
      if (testPass == null || testPass.steps() != steps) {
        release(testPass);
        testPass = null;
        testPass = Unroll.inference(network, steps, testStreams);
      }
      int[] labels = load(testPass, test.tokens(), at, length);
      testPass.expect(tally.activities());
      testPass.forward(testState, testState, 0);
      testPass.loss(1);
      SequenceTrainee.count(testPass, labels, tally);
    }
    return new Evaluation(tally.meanLoss(), tally.accuracy(), tally.activity(), new int[0]);
  }

  /** How a network does on a text; nothing changes. */
  public static Evaluation evaluate(RecurrentNetwork network, Text text) {
    try (LanguageTrainee trainee =
        new LanguageTrainee(network, text, text, 1, false, RecurrentTraining.of(1, 0))) {
      return trainee.evaluate();
    }
  }

  @Override
  public Map<String, DeviceArray> carried() {
    Map<String, DeviceArray> all = new LinkedHashMap<>();
    List<String> strands = network.spec().strands();
    for (int s = 0; s < strands.size(); s++) {
      all.put(strands.get(s) + ".y", initial.get(s).y());
      all.put(strands.get(s) + ".h", initial.get(s).h());
    }
    return all;
  }

  @Override
  public void write(ModelFileBuilder file) {
    network.write(file);
  }

  @Override
  public void close() {
    try (resources) {
      release(pass);
      release(testPass);
    }
  }
}
