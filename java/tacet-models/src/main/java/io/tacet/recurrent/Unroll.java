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
  private final Layer[] layers;
  private long seed;

  /** Arrays of a layer; errors null when not training. */
  private final class Layer {
    final DeviceArray currents;

    /** Events; null where nobody reads them. After the layer above went back, their errors. */
    final DeviceArray y;

    final EgruTape tape;
    final DeviceArray counts;
    final DeviceArray connected;
    final DeviceArray rate;
    EgruState initial;

    Layer(int k) {
      int units = spec.units().get(k);
      boolean top = k == spec.layers() - 1;
      currents = array(spec.precision(), steps, batch, 3L * units);
      y = top && !spec.everyStep() ? null : array(spec.precision(), steps, batch, units);
      counts = array(DType.INT32, units);
      tape =
          training
              ? resources.own(EgruTape.of(network.backend(), spec.precision(), steps, batch, units))
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
    return new Unroll(network, steps, batch, dropouts, true);
  }

  /** Room for passes without gradients. */
  public static Unroll inference(RecurrentNetwork network, int steps, int batch) {
    return new Unroll(network, steps, batch, Dropouts.OFF, false);
  }

  private Unroll(
      RecurrentNetwork network, int steps, int batch, Dropouts dropouts, boolean training) {
    this.network = network;
    this.spec = network.spec();
    this.steps = steps;
    this.batch = batch;
    this.dropouts = dropouts;
    this.training = training;
    try {
      DType type = spec.precision();
      int columns = spec.inputsOf(0);
      tokens = spec.tokens() ? array(DType.INT32, steps, batch) : null;
      boolean rows = !spec.tokens() || spec.embedding() > 0;
      inputs = rows ? array(type, steps, batch, columns) : null;
      table = dropouts.word() > 0 ? array(type, spec.inputs(), columns) : null;
      trace = spec.everyStep() ? null : array(type, batch, spec.top());
      long read = spec.everyStep() ? (long) steps * batch : batch;
      logits = array(type, read, spec.outputs());
      labels = array(DType.INT32, read);
      losses = array(type, read);
      predicted = array(DType.INT32, read);
      topErrors = training ? array(type, read, spec.top()) : null;
      layers = new Layer[spec.layers()];
      Arrays.setAll(layers, Layer::new);
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
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
    return layers.length;
  }

  /** INT32 [steps][batch]; null for dense inputs. */
  public DeviceArray tokens() {
    return tokens;
  }

  /** Dense inputs, [steps][batch][inputs]. */
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
    return Arrays.stream(layers[layer].counts.toInts()).asLongStream().sum();
  }

  /** Mean over all units of all layers of {@link EgruTape#backwardSparsity}, in training. */
  public double backwardSparsity() {
    double idle = 0;
    long units = 0;
    for (int k = 0; k < layers.length; k++) {
      EgruLayer layer = network.layer(k, network.value(k, "recurrentWeights"));
      idle += layer.units() * tape(k).backwardSparsity(layer);
      units += layer.units();
    }
    return idle / units;
  }

  /** The tape of a layer, in training. */
  EgruTape tape(int layer) {
    return layers[layer].tape;
  }

  /** Number of events of a layer if every unit had one at every step. */
  public long possible(int layer) {
    return (long) steps * batch * spec.units().get(layer);
  }

  /**
   * Runs all layers and the read-out.
   *
   * @param initial what each layer starts from; null for zeros
   * @param last where the states after the last step go, other arrays than {@code initial} in
   *     training; null if not wanted
   * @param passSeed of the masks of training
   */
  public void forward(List<EgruState> initial, List<EgruState> last, long passSeed) {
    seed = passSeed;
    DeviceArray below = enter();
    for (int k = 0; k < layers.length; k++) {
      Layer layer = layers[k];
      if (below != null) {
        Dense.multiply(below, network.value(k, "inputWeights"), false, layer.currents);
      }
      layer.initial = initial == null ? null : initial.get(k);
      layer.counts.zero();
      boolean top = k == layers.length - 1;
      Egru.forward(
          network.layer(k, recurrent(k)),
          operationInputs(k),
          new EgruOutputs(
              layer.y, top ? trace : null, last == null ? null : last.get(k), layer.counts),
          layer.tape);
      if (!top) {
        locked(layer.y, dropouts.forward(), FORWARD + KINDS * k);
      }
      below = layer.y;
    }
    locked(top(), dropouts.output(), OUTPUT);
    Dense.multiplyTransposed(top(), network.value(network.readout()), false, logits);
    Dense.addToRows(logits, network.value(RecurrentNetwork.READOUT_BIAS));
  }

  /** What enters the first layer; null if tokens have chosen its currents already. */
  private DeviceArray enter() {
    if (!spec.tokens()) {
      return inputs;
    }
    if (spec.embedding() == 0) {
      Dense.gatherRows(network.value(0, "inputWeights"), tokens, layers[0].currents);
      return null;
    }
    DeviceArray rows = network.value(RecurrentNetwork.EMBEDDING);
    if (table != null) {
      words(rows, table);
      rows = table;
    }
    Dense.gatherRows(rows, tokens, inputs);
    locked(inputs, dropouts.input(), INPUT);
    return inputs;
  }

  private DeviceArray top() {
    return spec.everyStep() ? layers[layers.length - 1].y : trace;
  }

  private DeviceArray recurrent(int k) {
    DeviceArray weights = network.value(k, "recurrentWeights");
    DeviceArray connected = layers[k].connected;
    if (connected == null) {
      return weights;
    }
    connect(k, weights, connected);
    return connected;
  }

  private EgruInputs operationInputs(int k) {
    Layer layer = layers[k];
    return new EgruInputs(
        layer.currents, null, layer.initial, training, maskSeed(ZONEOUT + KINDS * k));
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
    for (int k = layers.length - 1; k >= 0; k--) {
      boolean top = k == layers.length - 1;
      DeviceArray errors = top ? topErrors : layers[k].y;
      backward(
          k,
          new EgruErrors(
              !top || every ? errors : null,
              top && !every ? errors : null,
              null,
              rate(k, activity)));
      descend(k);
    }
    leave();
    // Last, since with a tied table the mask of dropped words is for the embeddings' part only.
    Dense.transposedMultiply(logits, readTop, true, network.gradient(readout));
  }

  private void backward(int k, EgruErrors errors) {
    Layer layer = layers[k];
    DeviceArray recurrent = network.gradient(k, "recurrentWeights");
    Egru.backward(
        network.layer(
            k, layer.connected == null ? network.value(k, "recurrentWeights") : layer.connected),
        operationInputs(k),
        layer.tape,
        errors,
        new EgruGradients(
            layer.currents,
            recurrent,
            network.gradient(k, "inputBias"),
            network.gradient(k, "recurrentBias"),
            network.gradient(k, "thresholds"),
            null));
    if (layer.connected != null) {
      connect(k, recurrent, recurrent);
    }
  }

  /** Gradients of a layer's input weights, and the errors of what is below it. */
  private void descend(int k) {
    DeviceArray errors = layers[k].currents;
    DeviceArray below = k > 0 ? layers[k - 1].y : inputs;
    DeviceArray gradient = network.gradient(k, "inputWeights");
    if (below == null) {
      Dense.scatterAddRows(errors, tokens, gradient);
      return;
    }
    Dense.transposedMultiply(below, errors, true, gradient);
    if (k > 0 || spec.tokens()) {
      Dense.multiplyTransposed(errors, network.value(k, "inputWeights"), false, below);
    }
    if (k > 0) {
      locked(below, dropouts.forward(), FORWARD + KINDS * (k - 1));
    }
  }

  /** Gradients of the embeddings from the errors of what entered. */
  private void leave() {
    if (spec.embedding() > 0) {
      DeviceArray gradient = network.gradient(RecurrentNetwork.EMBEDDING);
      locked(inputs, dropouts.input(), INPUT);
      Dense.scatterAddRows(inputs, tokens, gradient);
      if (table != null) {
        words(gradient, gradient);
      }
    }
  }

  private DeviceArray rate(int k, ActivityTarget activity) {
    if (activity.weight() == 0) {
      return null;
    }
    double[] slopes = new double[spec.units().get(k)];
    int[] events = layers[k].counts.toInts();
    for (int m = 0; m < slopes.length; m++) {
      slopes[m] = activity.slope(events[m], (long) steps * batch, slopes.length);
    }
    return layers[k].rate.copyFrom(slopes);
  }

  /** Dropout with one mask for all steps. */
  private void locked(DeviceArray array, double p, int kind) {
    if (p > 0) {
      long[] shape = array.shape();
      Dense.dropout(array, p, maskSeed(kind), 1, batch * shape[shape.length - 1], array);
    }
  }

  private void words(DeviceArray source, DeviceArray target) {
    long columns = spec.embedding();
    Dense.dropout(source, dropouts.word(), maskSeed(WORD), columns, spec.inputs(), target);
  }

  private void connect(int k, DeviceArray source, DeviceArray target) {
    Dense.dropout(
        source, dropouts.connect(), maskSeed(CONNECT + KINDS * k), 1, source.length(), target);
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
