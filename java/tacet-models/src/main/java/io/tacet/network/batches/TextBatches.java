package io.tacet.network.batches;

import io.tacet.data.Text;
import io.tacet.memory.DeviceArray;
import io.tacet.network.InputSpec;
import io.tacet.network.Network;
import io.tacet.network.NetworkState;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.TrainingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Text whose next token is predicted. It is cut into as many streams as a batch has samples; an
 * update goes over the next chunk of each, and events and states are carried from chunk to chunk
 * (truncated back-propagation through time). Streams begin at another token in each epoch, and what
 * is left at their ends is shorter than a chunk and left out.
 */
final class TextBatches implements Batches {
  private static final int TEST_STREAMS = 32;
  private static final int TEST_CHUNK = 128;

  /** Lengths of chunks are multiples of this, so that neighbours often share their arrays. */
  private static final int GRAIN = 8;

  private static final double CHUNK_DEVIATION = 5;

  private final Network network;
  private final Text text;
  private final BatchPlan plan;
  private final int testStreams;

  /**
   * One of each at a time: the arrays of all lengths that come up would take ten times the memory.
   */
  private Pass pass;

  private Pass testPass;
  private NetworkState state;
  private NetworkState testState;
  private int[] chunks;
  private int[] begins;
  private int streamStart;
  private int streamLength;

  TextBatches(Network network, Text text, BatchPlan plan) {
    check(network, text);
    if (plan.shares().count() > 1) {
      throw new IllegalArgumentException(
          "data: expected samples for a training on several devices or in shares, got a text, whose"
              + " streams are carried from batch to batch on one device.");
    }
    this.network = network;
    this.text = text;
    this.plan = plan;
    this.testStreams = Math.max(1, Math.min(TEST_STREAMS, text.length() / (2 * TEST_CHUNK)));
  }

  private static void check(Network network, Text text) {
    int known = text.vocabulary().size();
    if (!(network.spec().input() instanceof InputSpec.Tokens tokens)
        || tokens.vocabulary() != known
        || network.spec().outputs() != known
        || !network.spec().readsEveryStep()) {
      throw new IllegalArgumentException(
          "text: expected data for "
              + network.spec().input().toMap()
              + " and "
              + network.spec().outputs()
              + " outputs at "
              + (network.spec().readsEveryStep()
                  ? "every step"
                  : "the end of a sequence, which a text does not have (use .nextToken(tied))")
              + ", got a vocabulary of "
              + known
              + " tokens in "
              + text.name()
              + ".");
    }
  }

  @Override
  public int begin(int epoch) {
    if (text.length() / plan.batch() < 2 * plan.chunk() + 1) {
      throw new IllegalArgumentException(
          "chunk: expected streams of at least two chunks, got chunks of "
              + plan.chunk()
              + " in a text of "
              + text.length()
              + " tokens cut into "
              + plan.batch()
              + " streams.");
    }
    SplittableRandom random = new SplittableRandom(Batches.seed(plan.seed(), epoch, -1));
    streamStart = random.nextInt(plan.chunk());
    streamLength = (text.length() - 1 - streamStart) / plan.batch();
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
    if (!plan.variableChunks()) {
      return plan.chunk();
    }
    double mean = random.nextDouble() < 0.95 ? plan.chunk() : plan.chunk() / 2.0;
    double gauss =
        Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
            * Math.cos(2 * Math.PI * random.nextDouble());
    return (int) Math.max(GRAIN, GRAIN * Math.round((mean + CHUNK_DEVIATION * gauss) / GRAIN));
  }

  @Override
  public Pass train(int epoch, int number, int share, List<Double> activities) {
    if (number == 0) {
      state().zero();
    }
    pass = room(pass, plan.batch(), chunks[number], plan.options());
    load(pass, streamStart + begins[number], streamLength);
    pass.expect(activities);
    pass.forward(Batches.seed(plan.seed(), epoch, number), state());
    return pass;
  }

  @Override
  public void done() {
    state.advance();
  }

  private NetworkState state() {
    if (state == null) {
      state = network.state(plan.batch());
    }
    return state;
  }

  @Override
  public double fraction() {
    return 1;
  }

  @Override
  public Pass test(int number, List<Double> activities) {
    int length = (text.length() - 1) / testStreams;
    int at = number * TEST_CHUNK;
    if (at >= length) {
      return null;
    }
    if (testState == null) {
      testState = network.state(testStreams);
    }
    if (number == 0) {
      testState.zero();
    } else {
      testState.advance();
    }
    testPass = room(testPass, testStreams, Math.min(TEST_CHUNK, length - at), null);
    load(testPass, at, length);
    testPass.expect(activities);
    testPass.forward(0, testState);
    return testPass;
  }

  /** The pass given, or another one if it has another shape. */
  private Pass room(Pass old, int batch, int steps, TrainingOptions options) {
    if (old != null && old.steps() == steps) {
      return old;
    }
    release(old);
    if (options == null) {
      testPass = null;
    } else {
      pass = null;
    }
    return new Pass(network, PassShape.steps(batch, steps, options));
  }

  private static void release(AutoCloseable old) {
    if (old instanceof Pass closed) {
      closed.close();
    } else if (old instanceof NetworkState closed) {
      closed.close();
    }
  }

  /** Stream b begins at {@code from + b stride}; each label is the token after. */
  private void load(Pass into, int from, int stride) {
    int batch = into.batch();
    int[] tokens = new int[into.steps() * batch];
    int[] labels = new int[tokens.length];
    int[] all = text.tokens();
    for (int t = 0; t < into.steps(); t++) {
      for (int b = 0; b < batch; b++) {
        int at = from + b * stride + t;
        tokens[t * batch + b] = all[at];
        labels[t * batch + b] = all[at + 1];
      }
    }
    into.inputTokens().copyFrom(tokens);
    into.label(labels);
  }

  /** The rate is for a chunk of the usual length (Merity et al. 2018). */
  @Override
  public double rateFactor() {
    return pass == null ? 1 : (double) pass.steps() / plan.chunk();
  }

  @Override
  public Map<String, DeviceArray> carried() {
    return state().carried();
  }

  @Override
  public List<PassShape> shapes(boolean training) {
    return List.of(
        training
            ? PassShape.steps(plan.batch(), longestChunk(), plan.options())
            : PassShape.steps(testStreams, TEST_CHUNK, null));
  }

  /** Three deviations above the mean. */
  private int longestChunk() {
    return plan.chunk() + (plan.variableChunks() ? (int) (3 * CHUNK_DEVIATION) : 0);
  }

  @Override
  public int samples() {
    return 0;
  }

  @Override
  public void close() {
    release(pass);
    release(testPass);
    release(state);
    release(testState);
  }
}
