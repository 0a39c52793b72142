package io.tacet.network;

import io.tacet.Backend;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.cells.VoltageReadout;
import java.util.ArrayList;
import java.util.List;

/**
 * A network over batches of one shape: the arrays of a pass, which later passes use again. Fill the
 * input and the labels, then {@link #forward}; a loss reads the output and writes its errors; then
 * {@link #backward}. Owns its arrays, not the network. Not thread-safe.
 */
public final class Pass implements AutoCloseable {
  private final Network network;
  private final PassShape shape;
  private final List<LayerPass> layers = new ArrayList<>();
  private final Signal[] signals;
  private final DeviceArray labels;

  /** What {@link #label} was given; null for nothing. */
  private int[] labelled;

  /** What {@link #target} was given; null for nothing. */
  private float[] targets;

  private final DeviceArray losses;
  private final DeviceArray predicted;
  private final Resources resources = new Resources();
  private final PassDropouts dropouts;
  private long seed;
  private NetworkState state;

  /** Arrays of a shape on the backend of a network, which must be open longer. */
  public Pass(Network network, PassShape shape) {
    this.network = network;
    this.shape = shape;
    NetworkSpec spec = network.spec();
    int count = spec.layers().size();
    signals = new Signal[count + 1];
    try {
      dropouts = new PassDropouts(network, shape);
      signals[0] = input(network.backend(), spec);
      for (int k = 0; k < count; k++) {
        LayerSpec reader = k + 1 < count ? spec.layers().get(k + 1) : null;
        layers.add(resources.own(network.layers().get(k).room(shape, reader)));
      }
      long rows = top().errors() == null ? shape.batch() : top().errors().shape()[0];
      labels = resources.own(network.backend().allocate(DType.INT32, rows));
      losses = resources.own(network.backend().allocate(spec.precision(), rows));
      predicted = resources.own(network.backend().allocate(DType.INT32, rows));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private Signal input(Backend backend, NetworkSpec spec) {
    Flow flow = spec.input().flow();
    DType type = spec.precision();
    return switch (flow.kind()) {
      case SPIKES ->
          new Signal.Events(
              resources.own(
                  shape.inputErrors()
                      ? Spikes.inputsWithErrors(backend, type, shape.batch(), shape.eventCapacity())
                      : Spikes.inputs(backend, type, shape.batch(), shape.eventCapacity())));
      case TOKENS ->
          new Signal.Tokens(
              resources.own(backend.allocate(DType.INT32, shape.steps(), shape.batch())));
      default ->
          new Signal.Steps(
              resources.own(backend.allocate(type, shape.steps(), shape.batch(), flow.columns())),
              null);
    };
  }

  private LayerPass top() {
    return layers.get(layers.size() - 1);
  }

  public Network network() {
    return network;
  }

  /** Number of samples, steps and events. */
  public PassShape shape() {
    return shape;
  }

  /** Number of samples. */
  public int batch() {
    return shape.batch();
  }

  /** Number of steps; 0 for event times. */
  public int steps() {
    return shape.steps();
  }

  /** What enters; fill before {@link #forward}. */
  public Signal input() {
    return signals[0];
  }

  /** Input events; null where something else enters. */
  public Spikes inputSpikes() {
    return signals[0] instanceof Signal.Events events ? events.spikes() : null;
  }

  /**
   * Dense inputs, [steps][batch][channels]; null where something else enters. A pass with dropout
   * of inputs leaves their masked values here, so load them before each.
   */
  public DeviceArray inputSteps() {
    return signals[0] instanceof Signal.Steps steps ? steps.values() : null;
  }

  /** Input tokens, INT32 [steps][batch]; null where something else enters. */
  public DeviceArray inputTokens() {
    return signals[0] instanceof Signal.Tokens tokens ? tokens.rows() : null;
  }

  /** What layer k gave in the last pass. */
  public Signal output(int k) {
    return signals[k + 1];
  }

  /** Events of layer k; null where it gives something else. */
  public Spikes spikes(int k) {
    return signals[k + 1] instanceof Signal.Events events ? events.spikes() : null;
  }

  /** Events of the last layer; null for a read-out. */
  public Spikes outputSpikes() {
    return spikes(layers.size() - 1);
  }

  /** Read-out values [labels][outputs]; null for a spiking output. */
  public DeviceArray values() {
    return signals[layers.size()] instanceof Signal.Values values ? values.values() : null;
  }

  /** dL/dvalue like the values, which it may replace; a loss writes it. Null for spikes. */
  public DeviceArray valueErrors() {
    return top().errors();
  }

  /** INT32, one for each row of the values, or for each sample; one below 0 does not count. */
  public DeviceArray labels() {
    return labels;
  }

  /**
   * Sets the labels, and keeps them at hand: {@link #labelValues} then reads nothing back.
   *
   * @throws IllegalArgumentException if one is no class
   */
  public void label(int[] classes) {
    int outputs = network.spec().outputs();
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] >= outputs) {
        throw new IllegalArgumentException(
            "labels: expected below "
                + outputs
                + ", the number of outputs, got "
                + classes[i]
                + " at "
                + i
                + ".");
      }
    }
    labels.copyFrom(classes);
    labelled = classes;
  }

  /** The labels; those of {@link #label}, else read from the device. Not copied. */
  public int[] labelValues() {
    return labelled == null ? labels.toInts() : labelled;
  }

  /**
   * Sets what the values are to come to, in the place of labels.
   *
   * @param numbers finite, like the values: a row for each sample, or for each step and sample; not
   *     copied
   * @throws IllegalArgumentException if there are more or fewer
   */
  public void target(float[] numbers) {
    long expected = losses.length() * network.spec().outputs();
    if (numbers.length != expected) {
      throw new IllegalArgumentException(
          "targets: expected "
              + expected
              + " numbers, one for each value of the read-out, got "
              + numbers.length
              + ".");
    }
    targets = numbers;
  }

  /** What {@link #target} was given; null for data with labels. Not copied. */
  public float[] targets() {
    return targets;
  }

  /** Loss of each label, or row of targets; a loss writes it. */
  public DeviceArray losses() {
    return losses;
  }

  /** Predicted class for each label, INT32; a loss writes it. */
  public DeviceArray predicted() {
    return predicted;
  }

  /** Layers whose events are counted: all but the last, where units have events. */
  public List<List<EventCounter>> counters() {
    return layers.subList(0, layers.size() - 1).stream()
        .map(LayerPass::counters)
        .filter(counters -> !counters.isEmpty())
        .toList();
  }

  /**
   * Tells the activity to expect, by which layers choose how to compute; their results agree up to
   * rounding. It is told, and not kept from the last pass, so that a resumed training takes the
   * same choices.
   *
   * @param activities of each layer of {@link #counters}, in [0, 1]; empty where nothing is known
   */
  public void expect(List<Double> activities) {
    int counted = 0;
    for (LayerPass layer : layers.subList(0, layers.size() - 1)) {
      if (!layer.counters().isEmpty()) {
        layer.expect(activities.isEmpty() ? Double.NaN : activities.get(counted));
        counted++;
      }
    }
  }

  /** Runs all layers from zeros. */
  public void forward() {
    forward(0);
  }

  /** Runs all layers from zeros, with masks of training from the seed. */
  public void forward(long passSeed) {
    forward(passSeed, null);
  }

  /**
   * Runs all layers.
   *
   * @param passSeed of the masks of training
   * @param carried what layers start from and leave; null for zeros and nothing
   */
  public void forward(long passSeed, NetworkState carried) {
    seed = passSeed;
    state = carried;
    dropouts.mask(0, seed, stepsOf(signals[0]));
    for (int k = 0; k < layers.size(); k++) {
      signals[k + 1] = layers.get(k).forward(signals[k], run(k));
      dropouts.mask(k + 1, seed, stepsOf(signals[k + 1]));
    }
  }

  private Run run(int k) {
    return new Run(seed, state == null ? null : state.of(k));
  }

  private static DeviceArray stepsOf(Signal signal) {
    return signal instanceof Signal.Steps steps ? steps.read() : null;
  }

  /**
   * The cross-entropy of a read-out of voltages at every step, forward and backward in one: writes
   * {@link #losses} and {@link #predicted} and adds the gradients of the last layer, which {@link
   * #backward} then leaves out. Needs no {@link #valueErrors}.
   *
   * @throws IllegalArgumentException if the last layer is another one, or the simulator has no
   *     steps
   */
  public void crossEntropyOverTime() {
    if (!(top() instanceof VoltageReadout.Room readout)) {
      throw new IllegalArgumentException(
          "loss: CrossEntropyOverTime needs a read-out layer of voltages, got another last layer;"
              + " use TimeToFirstSpike or CrossEntropy.");
    }
    double dt = network.spec().simulator().dt();
    if (dt == 0) {
      throw new IllegalArgumentException(
          "loss: CrossEntropyOverTime needs the grid simulator, which has steps; got the exact one."
              + " Use Simulator.grid(dt), or CrossEntropy.");
    }
    readout.crossEntropyOverTime(dt, labels, losses, predicted);
  }

  /** Adds the gradients of all layers. */
  public void backward() {
    DeviceArray errors = top().errors();
    for (int k = layers.size() - 1; k >= 0; k--) {
      errors = layers.get(k).backward(signals[k], errors, k > 0, run(k));
      if (k > 0) {
        dropouts.mask(k, seed, errors);
      }
    }
    for (int k = 0; k < layers.size(); k++) {
      layers.get(k).finish(signals[k], layers.get(k).errors());
    }
  }

  /** Mean over all units of {@code EgruTape.backwardSparsity}; NaN where there is no such thing. */
  public double backwardSparsity() {
    double idle = 0;
    long units = 0;
    for (LayerPass layer : layers) {
      double sparsity = layer.backwardSparsity();
      if (!Double.isNaN(sparsity)) {
        long of = layer.counters().stream().mapToLong(EventCounter::units).sum();
        idle += of * sparsity;
        units += of;
      }
    }
    return idle / units;
  }

  /** Of each layer with events on steps, the fraction of units with one in each step. */
  public List<double[]> activityBySteps() {
    return layers.stream()
        .map(LayerPass::activityBySteps)
        .filter(activity -> activity.length > 0)
        .toList();
  }

  @Override
  public void close() {
    resources.close();
  }
}
