package io.tacet.network;

import io.tacet.Backend;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.HostCopies;
import io.tacet.memory.Resources;
import io.tacet.network.cells.VoltageReadout;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;

/**
 * A network over batches of one shape: the arrays of a pass, which later passes use again. Fill the
 * input and the labels, then {@link #forward}; a loss reads the output and writes its errors; then
 * {@link #backward}. Owns its arrays, not the network. Not thread-safe.
 */
public final class Pass implements AutoCloseable {
  private final Network network;
  private final PassShape shape;
  private final Signal input;
  private final Stack stack;

  /** Null where all steps are computed at once. */
  private final Segments segments;

  private final Answers answers;

  /** What {@link #number} was given; null for nothing. */
  private int[] sampleNumbers;

  private final Resources resources = new Resources();
  private HostCopies copies = HostCopies.of(List.of());
  private long seed;
  private NetworkState state;

  /** What {@link #lengths(int[])} was given; null for whole sequences. */
  private int[] sampleSteps;

  /** Made when it is first needed; null before, and for a pass in segments. */
  private Lengths lengths;

  /** Arrays of a shape on the backend of a network, which must be open longer. */
  public Pass(Network network, PassShape shape) {
    this.network = network;
    this.shape = shape;
    NetworkSpec spec = network.spec();
    try {
      segments = shape.segment() > 0 ? resources.own(new Segments(network, shape)) : null;
      stack = segments == null ? resources.own(new Stack(network, shape)) : segments.stack();
      input = input(network.backend(), spec);
      long rows = top().errors() == null ? shape.batch() : top().errors().shape()[0];
      answers = resources.own(new Answers(network, rows));
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
    return stack.top();
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

  /** The input; fill before {@link #forward}. */
  public Signal input() {
    return input;
  }

  /** Input events; null for another kind of input. */
  public Spikes inputSpikes() {
    return input instanceof Signal.Events events ? events.spikes() : null;
  }

  /**
   * Dense inputs, [steps][batch][channels]; null for another kind of input. A pass with dropout of
   * inputs leaves their masked values here, so load them before each.
   */
  public DeviceArray inputSteps() {
    return input instanceof Signal.Steps steps ? steps.values() : null;
  }

  /** Input tokens, INT32 [steps][batch]; null for another kind of input. */
  public DeviceArray inputTokens() {
    return input instanceof Signal.Tokens tokens ? tokens.rows() : null;
  }

  /**
   * Tells how many steps each sample has, until it is told again: outputs and gradients are then
   * those of the sample alone, and what stands in the input after its last step is padding. A layer
   * backward in time begins at that step, a trace stays as it is after it, and rows of the values
   * after it do not count. Tokens of padding have to be in the vocabulary.
   *
   * @param ofSamples 1 to {@link #steps} for each sample, not copied; null for all steps of all
   * @throws IllegalArgumentException if one is not, or there are more or fewer than samples, or the
   *     input is event times
   */
  public void lengths(int[] ofSamples) {
    if (ofSamples != null) {
      Lengths.check(ofSamples, shape);
      if (segments == null && lengths == null) {
        lengths =
            resources.own(
                new Lengths(
                    network.backend(), network.spec().precision(), shape.batch(), shape.steps()));
      }
      if (lengths != null) {
        lengths.set(ofSamples, 0);
      }
    }
    boolean differs = sampleSteps != null || ofSamples != null;
    sampleSteps = ofSamples;
    if (differs) {
      answers.labelAgain(countedRows());
    }
  }

  /** What {@link #lengths(int[])} was given; null for all steps of all samples. Not copied. */
  public int[] lengths() {
    return sampleSteps;
  }

  /**
   * Whether a row of what has [steps][batch] rows is within its sample.
   *
   * @param row step times the number of samples, plus the sample
   */
  public boolean counts(int row) {
    return sampleSteps == null || row / batch() < sampleSteps[row % batch()];
  }

  /** Null for whole sequences, and for a pass in segments. */
  private Lengths within() {
    return sampleSteps == null ? null : lengths;
  }

  /** How many steps all samples have together. */
  public long stepsOfAll() {
    return sampleSteps == null
        ? (long) batch() * steps()
        : Arrays.stream(sampleSteps).asLongStream().sum();
  }

  /**
   * How many rows of the values, or predictions, count: one for each sample, or each of its steps.
   */
  public long rows() {
    return network.spec().readsEveryStep() ? stepsOfAll() : answers.losses().length();
  }

  /** Null where all rows of the values count. */
  private IntPredicate countedRows() {
    return sampleSteps != null && network.spec().readsEveryStep() ? this::counts : null;
  }

  /** Output of layer k in the last pass. */
  public Signal output(int k) {
    return stack.below(k + 1);
  }

  /** Events of layer k; null for another kind of output. */
  public Spikes spikes(int k) {
    return stack.below(k + 1) instanceof Signal.Events events ? events.spikes() : null;
  }

  /** Events of the last layer; null for a read-out. */
  public Spikes outputSpikes() {
    return spikes(stack.layers().size() - 1);
  }

  /** Read-out values [labels][outputs]; null for a spiking output. */
  public DeviceArray values() {
    return stack.below(stack.layers().size()) instanceof Signal.Values values
        ? values.values()
        : null;
  }

  /** dL/dvalue like the values, which it may replace; a loss writes it. Null for spikes. */
  public DeviceArray valueErrors() {
    return top().errors();
  }

  /**
   * INT32, one for each row of the values, or for each sample; one below 0 does not count. To be
   * written by {@link #label}, or before any call of it.
   */
  public DeviceArray labels() {
    return answers.labels();
  }

  /**
   * Sets the labels and keeps a reference, so that {@link #labelValues} reads nothing back.
   *
   * @throws IllegalArgumentException if one is no class
   */
  public void label(int[] classes) {
    answers.label(classes, countedRows());
  }

  /** The labels; those of {@link #label}, else read from the device. Not copied. */
  public int[] labelValues() {
    return answers.labelValues();
  }

  /**
   * Sets the targets of the values, instead of labels.
   *
   * @param numbers finite, like the values: a row for each sample, or for each step and sample; not
   *     copied
   * @throws IllegalArgumentException if there are more or fewer
   */
  public void target(float[] numbers) {
    answers.target(numbers);
  }

  /** What {@link #target} was given; null for data with labels. Not copied. */
  public float[] targets() {
    return answers.targets();
  }

  /** Loss of each label, or row of targets; a loss writes it. */
  public DeviceArray losses() {
    return answers.losses();
  }

  /** Predicted class for each label, INT32; a loss writes it. */
  public DeviceArray predicted() {
    return answers.predicted();
  }

  /**
   * Tells which samples of the data set these are, by which {@link #margin} names them.
   *
   * @param numbers one for each sample of the batch, not copied
   */
  public void number(int[] numbers) {
    sampleNumbers = numbers;
  }

  /** How near the spikes of the last pass were to vanishing, over all layers that watch them. */
  public SpikeMargin margin() {
    return margin(copies(marginParts()));
  }

  /**
   * Copies arrays together. What the last call gave is written again and not to be used any more.
   */
  public HostCopies copies(List<DeviceArray> arrays) {
    copies = HostCopies.of(arrays, copies);
    return copies;
  }

  /** What {@link #margin(HostCopies)} reads of the last pass; nothing where no layer watches. */
  public List<DeviceArray> marginParts() {
    return stack.marginParts();
  }

  /**
   * How near the spikes of the last pass were to vanishing.
   *
   * @param copies with {@link #marginParts}
   */
  public SpikeMargin margin(HostCopies copies) {
    return stack.margin(copies, network.spec().names(), sampleNumbers);
  }

  /** Layers whose events are counted: all but the last, where units have events. */
  public List<List<EventCounter>> counters() {
    return stack.layers().subList(0, stack.layers().size() - 1).stream()
        .map(LayerPass::counters)
        .filter(counters -> !counters.isEmpty())
        .toList();
  }

  /** Mean potentials of the layers but the last, where they spike on event times. */
  public List<PotentialMeter> potentialMeters() {
    return stack.layers().subList(0, stack.layers().size() - 1).stream()
        .map(LayerPass::potentialMeter)
        .filter(Objects::nonNull)
        .toList();
  }

  /**
   * What a layer has sent to the one above in the last pass, and where a regulariser pushes it.
   *
   * @param layer number of a layer on steps, from 0 above the input; not the last
   * @throws IllegalArgumentException if there is no such layer, or it sends event times, or the
   *     pass is one in segments, which keeps one of them
   */
  public LayerActivity activity(int layer) {
    if (layer < 0 || layer >= stack.layers().size() - 1) {
      throw new IllegalArgumentException(
          "layer: expected 0 to "
              + (stack.layers().size() - 2)
              + ", a layer below the last, got "
              + layer
              + ".");
    }
    if (segments != null || !(stack.below(layer + 1) instanceof Signal.Steps)) {
      throw new IllegalArgumentException(
          "layer: expected one on steps in a training without segments, got layer "
              + layer
              + (segments != null ? " in segments." : ", which sends event times."));
    }
    return stack.activity(layer, within());
  }

  /**
   * Tells the activity to expect, by which layers choose how to compute; their results agree up to
   * rounding. It is passed in, not kept from the last pass, so that a resumed training makes the
   * same choices.
   *
   * @param activities of each layer of {@link #counters}, in [0, 1]; empty where nothing is known
   */
  public void expect(List<Double> activities) {
    int counted = 0;
    for (LayerPass layer : stack.layers().subList(0, stack.layers().size() - 1)) {
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
    if (segments == null) {
      stack.enter(0, input);
      stack.forward(0, stack.layers().size(), this::run);
    } else if (carried == null) {
      segments.forward(inputSteps(), passSeed, sampleSteps);
    } else {
      throw new IllegalArgumentException(
          "carried: expected nothing for a pass in segments, which carries states itself, got a"
              + " state.");
    }
  }

  /**
   * Runs all layers from zeros as {@link #forward(long)} does, but does not wait for a device to
   * learn whether the spikes of layers at the top found room; {@link #settle} tells. Until then the
   * outputs may be those of a pass that has failed, which device operations take and whose errors
   * and gradients mean nothing.
   *
   * @param passSeed of the masks of training
   */
  public void forwardUnsettled(long passSeed) {
    if (segments != null) {
      forward(passSeed);
      return;
    }
    seed = passSeed;
    state = null;
    stack.enter(0, input);
    stack.forwardUnsettled(this::run);
  }

  /** What {@link #settle} reads; nothing where nothing is open. */
  public List<DeviceArray> unsettled() {
    return stack.unsettled();
  }

  /**
   * Checks what {@link #forwardUnsettled} has left open.
   *
   * @param copies with {@link #unsettled}
   * @return whether outputs were as they are; if not, layers have more room now and have run again,
   *     and whatever was computed from their outputs is to be computed again
   * @throws ArithmeticException if a layer has failed, as in {@link #forward()}
   * @throws IllegalArgumentException as in {@link #forward()}
   */
  public boolean settle(HostCopies copies) {
    return stack.settle(copies, this::run);
  }

  private Run run(int k) {
    LayerState own = state == null ? null : state.of(k);
    return new Run(seed, own, null, within());
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
    readout.crossEntropyOverTime(dt, labels(), labelValues(), losses(), predicted());
  }

  /** Adds the gradients of all layers. */
  public void backward() {
    if (segments == null) {
      stack.backward(0, stack.layers().size(), top().errors(), this::run);
      stack.finish();
    } else {
      segments.backward(inputSteps());
    }
  }

  /** Mean over all units of {@code EgruTape.backwardSparsity}; NaN where there is no such thing. */
  public double backwardSparsity() {
    return stack.backwardSparsity();
  }

  /**
   * Of each layer with events on steps, the fraction of units with one in each step; empty for a
   * pass in segments, which keeps one of them.
   */
  public List<double[]> activityBySteps() {
    return segments != null
        ? List.of()
        : stack.layers().stream()
            .map(LayerPass::activityBySteps)
            .filter(activity -> activity.length > 0)
            .toList();
  }

  @Override
  public void close() {
    resources.close();
  }
}
