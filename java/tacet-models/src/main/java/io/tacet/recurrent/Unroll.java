package io.tacet.recurrent;

import io.tacet.dense.Dense;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruState;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A network over a number of steps and samples: the arrays of a pass, which later passes of the
 * same shape use again. Load inputs and labels, then {@link #forward}, {@link #loss} and, in
 * training, {@link #backward}. Owns its arrays. Not thread-safe.
 */
public final class Unroll implements AutoCloseable {
  private static final int WORD = 1;
  private static final int INPUT = 2;
  private static final int OUTPUT = 3;
  private static final int ZONEOUT = 4;
  private static final int CONNECT = 5;
  private static final int FORWARD = 6;
  private static final int KINDS = 8;

  private final RecurrentNetwork network;
  private final RecurrentSpec spec;
  private final int steps;
  private final int batch;
  private final Dropouts dropouts;
  private final boolean training;
  private final Resources resources = new Resources();
  private final DeviceArray tokens;
  private final DeviceArray inputs;
  private final DeviceArray table;
  private final DeviceArray trace;
  private final DeviceArray logits;
  private final DeviceArray labels;
  private final DeviceArray losses;
  private final DeviceArray predicted;
  private final DeviceArray topErrors;

  /** Directions of layers, in the order of {@link RecurrentSpec#strands}. */
  private final Strand[] strands;

  /**
   * Events of each layer, directions side by side; null where nobody reads them. After the layer
   * above went back, their errors.
   */
  private final DeviceArray[] events;

  private long seed;

  /** Arrays of a layer in one direction; errors null when not training. */
  private final class Strand {
    final DeviceArray currents;
    final EgruTape tape;
    final DeviceArray counts;
    final DeviceArray connected;
    final DeviceArray rate;
    EgruState initial;

    /** As {@link #expect} was told. */
    double activity = Double.NaN;

    Strand(int s, TapeKind kind) {
      int units = spec.unitsOf(s);
      currents = array(spec.precision(), steps, batch, 3L * units);
      counts = array(DType.INT32, units);
      tape =
          training
              ? resources.own(kind.room(network.backend(), spec.precision(), steps, batch, units))
              : null;
      rate = training ? array(spec.precision(), units) : null;
      connected = dropouts.connect() > 0 ? array(spec.precision(), units, 3L * units) : null;
    }
  }

  /**
   * Room for passes in training.
   *
   * @param dropouts drawn anew in each pass
   */
  public static Unroll training(RecurrentNetwork network, int steps, int batch, Dropouts dropouts) {
    return training(network, steps, batch, dropouts, TapeKind.FULL);
  }

  /** As above, with a tape of another kind. */
  public static Unroll training(
      RecurrentNetwork network, int steps, int batch, Dropouts dropouts, TapeKind tape) {
    return new Unroll(network, steps, batch, dropouts, tape);
  }

  /** Room for passes without gradients. */
  public static Unroll inference(RecurrentNetwork network, int steps, int batch) {
    return new Unroll(network, steps, batch, Dropouts.OFF, null);
  }

  /**
   * @param kind of tape; null when not training
   */
  private Unroll(RecurrentNetwork network, int steps, int batch, Dropouts dropouts, TapeKind kind) {
    this.network = network;
    this.spec = network.spec();
    this.steps = steps;
    this.batch = batch;
    this.dropouts = dropouts;
    this.training = kind != null;
    try {
      DType type = spec.precision();
      dropouts.check(spec);
      int columns = spec.inputsOf(0);
      tokens = spec.tokens() ? array(DType.INT32, steps, batch) : null;
      boolean rows = !spec.tokens() || spec.embedding() > 0;
      inputs = rows ? array(type, steps, batch, columns) : null;
      table = dropouts.word() > 0 ? array(type, spec.inputs(), selected()) : null;
      trace = spec.everyStep() ? null : array(type, batch, spec.top());
      long read = spec.everyStep() ? (long) steps * batch : batch;
      logits = array(type, read, spec.outputs());
      labels = array(DType.INT32, read);
      losses = array(type, read);
      predicted = array(DType.INT32, read);
      topErrors = training ? array(type, read, spec.top()) : null;
      strands = new Strand[spec.layers() * spec.directions()];
      Arrays.setAll(strands, s -> new Strand(s, kind));
      events = new DeviceArray[spec.layers()];
      Arrays.setAll(
          events,
          k ->
              k < spec.layers() - 1 || spec.everyStep()
                  ? array(type, steps, batch, spec.outputsOf(k))
                  : null);
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** Columns of the row that a token selects. */
  private long selected() {
    return spec.embedding() > 0 ? spec.embedding() : 3L * spec.unitsOf(0);
  }

  private DeviceArray array(DType type, long... shape) {
    return resources.own(network.backend().allocate(type, shape));
  }

  /** Number of steps T. */
  public int steps() {
    return steps;
  }

  /** Number of samples N. */
  public int batch() {
    return batch;
  }

  /** Number of layers. */
  public int layers() {
    return events.length;
  }

  /** INT32 [steps][batch]; null for dense inputs. */
  public DeviceArray tokens() {
    return tokens;
  }

  /**
   * Dense inputs, [steps][batch][inputs]; null for tokens without embedding. A pass with dropout of
   * inputs leaves their masked values here, so load them before each.
   */
  public DeviceArray inputs() {
    return inputs;
  }

  /** INT32 [steps][batch], or [batch] where the end of the sequence is read out. */
  public DeviceArray labels() {
    return labels;
  }

  /** Loss of each label. */
  public DeviceArray losses() {
    return losses;
  }

  /** Class predicted for each label, INT32. */
  public DeviceArray predicted() {
    return predicted;
  }

  /** Read-outs, [labels][outputs]; after {@link #loss} in training their errors. */
  public DeviceArray logits() {
    return logits;
  }

  /** Number of events of a layer in the last pass. */
  public long events(int layer) {
    long sum = 0;
    for (int s = first(layer); s < first(layer + 1); s++) {
      sum += Arrays.stream(strands[s].counts.toInts()).asLongStream().sum();
    }
    return sum;
  }

  /**
   * Tells the activity to expect, by which passes choose how to compute; their results agree up to
   * rounding. It is told, and not kept from the last pass, so that a resumed training takes the
   * same choices.
   *
   * @param activities of each layer, in [0, 1]; empty where nothing is known
   */
  public void expect(List<Double> activities) {
    for (int k = 0; k < layers(); k++) {
      for (int s = first(k); s < first(k + 1); s++) {
        strands[s].activity = activities.isEmpty() ? Double.NaN : activities.get(k);
      }
    }
  }

  /** First strand of a layer; those of the next one follow on its last. */
  private int first(int layer) {
    return layer * spec.directions();
  }

  /** Mean over all units of all layers of {@link EgruTape#backwardSparsity}, in training. */
  public double backwardSparsity() {
    double idle = 0;
    long units = 0;
    for (int s = 0; s < strands.length; s++) {
      EgruLayer layer = network.layer(s, network.value(s, "recurrentWeights"));
      idle += layer.units() * tape(s).backwardSparsity(layer, null);
      units += layer.units();
    }
    return idle / units;
  }

  /** Fraction of a layer's units with an event in each step of the last pass, in training. */
  public double[] activityBySteps(int layer) {
    double[] activity = new double[steps];
    for (int s = first(layer); s < first(layer + 1); s++) {
      int[] bits = tape(s).events().toInts();
      for (int w = 0; w < bits.length; w++) {
        activity[(int) ((long) w * steps / bits.length)] += Integer.bitCount(bits[w]);
      }
    }
    double possible = (double) batch * spec.outputsOf(layer);
    return Arrays.stream(activity).map(events -> events / possible).toArray();
  }

  /** The same of all layers, from the first above the inputs. */
  List<double[]> activityBySteps() {
    return IntStream.range(0, layers()).mapToObj(this::activityBySteps).toList();
  }

  /** The tape of a direction of a layer, in training. */
  EgruTape tape(int strand) {
    return strands[strand].tape;
  }

  /** Number of events of a layer if every unit had one at every step. */
  public long possible(int layer) {
    return (long) steps * batch * spec.outputsOf(layer);
  }

  /**
   * Runs all layers and the read-out.
   *
   * @param initial what each direction of each layer starts from, in the order of {@link
   *     RecurrentSpec#strands}; null for zeros
   * @param last where the states after the last step go, other arrays than {@code initial} in
   *     training; null if not wanted
   * @param passSeed of the masks of training
   */
  public void forward(List<EgruState> initial, List<EgruState> last, long passSeed) {
    seed = passSeed;
    DeviceArray below = enter();
    for (int k = 0; k < events.length; k++) {
      boolean top = k == events.length - 1;
      for (int s = first(k); s < first(k + 1); s++) {
        Strand strand = strands[s];
        if (below != null) {
          Dense.multiply(below, network.value(s, "inputWeights"), false, strand.currents);
        }
        strand.initial = initial == null ? null : initial.get(s);
        strand.counts.zero();
        Egru.forward(
            network.layer(s, recurrent(s)),
            operationInputs(s),
            new EgruOutputs(
                events[k], top ? trace : null, last == null ? null : last.get(s), strand.counts),
            strand.tape);
      }
      if (!top) {
        locked(events[k], dropouts.forward(), FORWARD + KINDS * k);
      }
      below = events[k];
    }
    locked(top(), dropouts.output(), OUTPUT);
    Dense.multiplyTransposed(top(), network.value(network.readout()), false, logits);
    Dense.addToRows(logits, network.value(RecurrentNetwork.READOUT_BIAS));
  }

  /** What enters the first layer; null if tokens have chosen its currents already. */
  private DeviceArray enter() {
    if (spec.tokens()) {
      boolean embedded = spec.embedding() > 0;
      DeviceArray rows =
          embedded ? network.value(RecurrentNetwork.EMBEDDING) : network.value(0, "inputWeights");
      if (table != null) {
        words(rows, table);
        rows = table;
      }
      Dense.gatherRows(rows, tokens, embedded ? inputs : strands[0].currents);
      if (!embedded) {
        return null;
      }
    }
    locked(inputs, dropouts.input(), INPUT);
    return inputs;
  }

  private DeviceArray top() {
    return spec.everyStep() ? events[events.length - 1] : trace;
  }

  private DeviceArray recurrent(int s) {
    DeviceArray weights = network.value(s, "recurrentWeights");
    DeviceArray connected = strands[s].connected;
    if (connected == null) {
      return weights;
    }
    connect(s, weights, connected);
    return connected;
  }

  /** What the pass of a direction of a layer starts from. */
  EgruInputs operationInputs(int s) {
    Strand strand = strands[s];
    return new EgruInputs(
        strand.currents,
        null,
        strand.initial,
        training,
        maskSeed(ZONEOUT + KINDS * s),
        s % spec.directions() == 1,
        strand.activity);
  }

  /**
   * Cross-entropy of the labels; in training also its gradient.
   *
   * @param scale factor of the gradient, for instance one over the number of labels
   */
  public void loss(double scale) {
    Dense.softmaxCrossEntropy(logits, labels, scale, losses, predicted, training ? logits : null);
  }

  /** Adds the gradients of the loss and of the regulariser to those of the network. */
  public void backward(ActivityTarget activity) {
    String readout = network.readout();
    Dense.multiply(logits, network.value(readout), false, topErrors);
    locked(topErrors, dropouts.output(), OUTPUT);
    Dense.addColumnSums(logits, network.gradient(RecurrentNetwork.READOUT_BIAS));
    DeviceArray readTop = top();
    boolean every = spec.everyStep();
    for (int k = events.length - 1; k >= 0; k--) {
      boolean top = k == events.length - 1;
      DeviceArray errors = top ? topErrors : events[k];
      for (int s = first(k); s < first(k + 1); s++) {
        backward(
            s,
            new EgruErrors(
                !top || every ? errors : null,
                top && !every ? errors : null,
                null,
                rate(s, activity)));
      }
      descend(k);
    }
    leave();
    // Last, since with a tied table the mask of dropped words is for the embeddings' part only.
    Dense.transposedMultiply(logits, readTop, true, network.gradient(readout));
  }

  private void backward(int s, EgruErrors errors) {
    Strand strand = strands[s];
    DeviceArray recurrent = network.gradient(s, "recurrentWeights");
    Egru.backward(
        network.layer(
            s, strand.connected == null ? network.value(s, "recurrentWeights") : strand.connected),
        operationInputs(s),
        strand.tape,
        errors,
        new EgruGradients(
            strand.currents,
            recurrent,
            network.gradient(s, "inputBias"),
            network.gradient(s, "recurrentBias"),
            network.gradient(s, "thresholds"),
            null));
    if (strand.connected != null) {
      connect(s, recurrent, recurrent);
    }
  }

  /** Gradients of a layer's input weights, and the errors of what is below it. */
  private void descend(int k) {
    DeviceArray below = k > 0 ? events[k - 1] : inputs;
    if (below == null) {
      scatter(strands[0].currents, network.gradient(0, "inputWeights"));
      return;
    }
    for (int s = first(k); s < first(k + 1); s++) {
      Dense.transposedMultiply(
          below, strands[s].currents, true, network.gradient(s, "inputWeights"));
    }
    // Now nobody needs what is below any more; the errors of all directions take its place.
    if (k > 0 || spec.tokens()) {
      for (int s = first(k); s < first(k + 1); s++) {
        Dense.multiplyTransposed(
            strands[s].currents, network.value(s, "inputWeights"), s > first(k), below);
      }
    }
    if (k > 0) {
      locked(below, dropouts.forward(), FORWARD + KINDS * (k - 1));
    }
  }

  /** Gradients of the embeddings from the errors of what entered. */
  private void leave() {
    if (spec.embedding() > 0) {
      locked(inputs, dropouts.input(), INPUT);
      scatter(inputs, network.gradient(RecurrentNetwork.EMBEDDING));
    }
  }

  /** Adds errors to the rows that their tokens selected, but for dropped words. */
  private void scatter(DeviceArray errors, DeviceArray gradient) {
    Dense.scatterAddRows(errors, tokens, gradient);
    if (table != null) {
      words(gradient, gradient);
    }
  }

  private DeviceArray rate(int s, ActivityTarget activity) {
    if (activity.weight() == 0) {
      return null;
    }
    double[] slopes = new double[spec.unitsOf(s)];
    int[] counts = strands[s].counts.toInts();
    for (int m = 0; m < slopes.length; m++) {
      slopes[m] = activity.slope(counts[m], (long) steps * batch, slopes.length);
    }
    return strands[s].rate.copyFrom(slopes);
  }

  /** Dropout with one mask for all steps. */
  private void locked(DeviceArray array, double p, int kind) {
    if (p > 0) {
      long[] shape = array.shape();
      Dense.dropout(array, p, maskSeed(kind), 1, batch * shape[shape.length - 1], array);
    }
  }

  private void words(DeviceArray source, DeviceArray target) {
    Dense.dropout(source, dropouts.word(), maskSeed(WORD), selected(), spec.inputs(), target);
  }

  private void connect(int s, DeviceArray source, DeviceArray target) {
    Dense.dropout(
        source, dropouts.connect(), maskSeed(CONNECT + KINDS * s), 1, source.length(), target);
  }

  /** Masks of different places must not follow from each other. */
  private long maskSeed(int kind) {
    return seed + kind * 0x9E3779B97F4A7C15L;
  }

  @Override
  public void close() {
    resources.close();
  }
}
