package io.tacet.training;

import io.tacet.Backend;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.Dataset;
import io.tacet.eventprop.LifLayer;
import io.tacet.network.Dropouts;
import io.tacet.network.Network;
import io.tacet.network.Positions;
import io.tacet.network.TapeKind;
import io.tacet.optim.OptimizerSpec;
import io.tacet.plasticity.Oja;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Trains a network: settings first, then {@link #run}. The order of samples and every random draw
 * of an epoch follow from the seed and the number of the epoch, so that a training resumed from a
 * checkpoint continues bit for bit on the same backend. Every batch of an epoch is used, also a
 * smaller last one, and weights change only between a backward pass and the next forward pass.
 *
 * <p>{@link #run} drives the backend of the network, see {@link Backend}, and calls losses,
 * regularisers and the listener in the calling thread. From another thread only the flag of {@link
 * #stopWhen} may be set, which ends the training after the batch in progress with a checkpoint, or
 * the thread be interrupted: {@link #run} then throws an {@link io.tacet.InterruptedPassException}
 * from within a pass, the checkpoint is the last one that was written, and all arrays of the
 * training are closed.
 */
public final class Training {
  private final Network network;
  private final TrainingLoop loop = new TrainingLoop();
  private final TraineeSettings settings = new TraineeSettings();

  /** 0 unless set. */
  private long memory;

  /** Backends beside that of the network. */
  private List<Backend> others = List.of();

  private Communicator group = Communicator.alone();

  private Training(Network network) {
    this.network = network;
  }

  /** Settings for a network; it stays the caller's. */
  public static Training of(Network network) {
    return new Training(network);
  }

  /**
   * What is minimised; unless set, {@link CrossEntropy} of a read-out, or {@link MeanSquaredError}
   * where the data have targets, and the time to the first spike with the constants of Yin-Yang,
   * leaving out samples with a silent label, of a spiking output.
   */
  public Training loss(Loss chosen) {
    settings.loss = chosen;
    return this;
  }

  /** How weights follow their gradients; unless set, Adam with a rate of 1e-3. */
  public Training optimizer(OptimizerSpec chosen) {
    loop.optimizer(chosen);
    return this;
  }

  /** Adds a term to the loss. */
  public Training regulariser(Regulariser added) {
    settings.regularisers.add(added);
    return this;
  }

  /**
   * Parameters that stay as they are, such as {@code layer0.bias}; their gradients do not count for
   * {@link #clipNorm}. Synapses that are rewired change all the same.
   *
   * @param names as in {@link Network#parameters}
   */
  public Training fixed(String... names) {
    settings.fixed.addAll(List.of(names));
    return this;
  }

  /**
   * After each update the input weights of the first layer change by a rule of local plasticity,
   * with the inputs of the batch; all steps of all samples are samples of the rule. It has no part
   * in the loss, and its rate follows no schedule. For a first layer {@code .dense} or {@code .rnn}
   * with all its synapses, on vectors; what enters the layers above is not kept beyond the backward
   * pass.
   */
  public Training plasticity(Oja rule) {
    settings.plasticity = rule;
    return this;
  }

  /**
   * New synapses that SET or DEEP R draws within a layer of so many units are more often between
   * near ones: one after the other, each with a probability in proportion to exp(-distance / scale)
   * among the pairs that have none. A synapse that has just been removed does not come back at
   * once. Other connections are rewired as ever. Takes time up to that of looking at all pairs of
   * the layer at each rewiring, which happens on the CPU.
   *
   * @param positions of the units
   * @param scale distance, above 0, in units of the coordinates
   */
  public Training growNear(Positions positions, double scale) {
    settings.near = new NearPairs(positions, scale);
    return this;
  }

  /** The gradient by all parameters together is scaled down to at most this norm. */
  public Training clipNorm(double most) {
    loop.clipNorm(most);
    return this;
  }

  /**
   * Bounds the gradient near the edge at which spikes vanish. The gradient of the time of a spike
   * is 1/s times others, with s the slope with which the condition of the spike is met, {@code
   * dV/dt} of a LIF neuron; where s is less than this, the backward pass divides by this instead.
   * What is left of such a spike is no gradient. Forward passes, losses and {@link
   * io.tacet.network.SpikeMargin#slope} do not depend on it. Without spiking layers it does
   * nothing.
   *
   * @param perMillisecond in the unit of {@link io.tacet.network.SpikeMargin#slope}: per ms, of the
   *     way to the threshold; 0, as it is unless set, for the exact gradient
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public Training leastSlope(double perMillisecond) {
    LifLayer.checkLeastSlope(perMillisecond);
    settings.leastSlope = perMillisecond;
    return this;
  }

  /**
   * Ends after the update during which this much time was spent on training, tests and files not
   * counted; the learning rate then follows its schedule by the clock where that is ahead of the
   * epochs. What is trained by the clock is not the same twice.
   */
  public Training seconds(double most) {
    loop.seconds(most);
    return this;
  }

  /**
   * Ends the training after so many epochs in a row without a smaller loss on the set that epochs
   * are measured on, which should be a validation set. In the end, also where the training was not
   * ended early, the network has the weights of the epoch with the smallest loss, {@link
   * History#kept}.
   *
   * @param patience number of epochs, at least 1
   */
  public Training earlyStopping(int patience) {
    loop.earlyStopping(patience);
    return this;
  }

  /** Dropouts of layers on steps. */
  public Training dropouts(Dropouts chosen) {
    settings.dropouts = chosen;
    return this;
  }

  /** What layers on steps keep of a forward pass. */
  public Training tape(TapeKind chosen) {
    settings.tape = chosen;
    return this;
  }

  /**
   * Computes sequences in segments of so many steps, each of which is computed again when the
   * backward pass comes to it: activations take the memory of one segment, and gradients are still
   * those of whole sequences. About the square root of the number of steps takes the least memory.
   * The network has to be read once, at the end of a sequence, and to go in one direction. RigL
   * needs candidates then; see {@link io.tacet.network.Rewiring#candidates(double)}.
   *
   * @param steps a divisor of the number of steps of the sequences; 0, as it is unless set, for no
   *     segments
   */
  public Training segments(int steps) {
    if (steps < 0) {
      throw new IllegalArgumentException("segments: expected at least 0, got " + steps + ".");
    }
    settings.segment = steps;
    return this;
  }

  /**
   * Steps of a chunk of text, over which gradients go back; 64 unless set.
   *
   * @param variable whether lengths of chunks vary, as in AWD-LSTM: normally distributed around
   *     {@code steps}, or around half of it with probability 0.05
   */
  public Training chunk(int steps, boolean variable) {
    settings.chunk = positive("chunk", steps);
    settings.variableChunks = variable;
    return this;
  }

  /** Passes over the training set, at least 1. */
  public Training epochs(int count) {
    loop.epochs(count);
    return this;
  }

  /** Samples per update, at least 1. */
  public Training batch(int size) {
    settings.batch = positive("batch", size);
    return this;
  }

  /**
   * Samples come in the order of the data in every epoch, as in a stream that was presented so;
   * unless set, in an order drawn for each epoch. A text always comes in order.
   */
  public Training inOrder() {
    settings.inOrder = true;
    return this;
  }

  /** Seed of the order of samples and of dropout. */
  public Training seed(long value) {
    settings.seed = value;
    return this;
  }

  /** Probability that an input event is left out in training, [0, 1). */
  public Training inputDropout(double probability) {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException("inputDropout: expected [0, 1), got " + probability + ".");
    }
    settings.inputDropout = probability;
    return this;
  }

  /**
   * Normal noise added to every input of every step in training, drawn anew for each batch; of
   * inputs that are numbers at every step.
   *
   * @param deviation at least 0; 0, as it is unless set, for none
   */
  public Training inputNoise(double deviation) {
    if (!(deviation >= 0 && deviation < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "inputNoise: expected a finite number of at least 0, got " + deviation + ".");
    }
    settings.inputNoise = deviation;
    return this;
  }

  public Training listener(TrainingListener chosen) {
    loop.listener(chosen);
    return this;
  }

  /** When it becomes true, the training ends after the batch in progress and saves. */
  public Training stopWhen(AtomicBoolean flag) {
    loop.stopWhen(flag);
    return this;
  }

  /**
   * File that holds the latest state: replaced when a training begins, after each epoch and when
   * stopped. A training that is killed continues from there; see {@link #checkpointEvery} for long
   * epochs.
   */
  public Training checkpoint(Path file) {
    return checkpoint(state -> state.write(file));
  }

  /** As {@link #checkpoint(Path)}, with a place of its own for the state. */
  public Training checkpoint(Checkpoints place) {
    loop.checkpoint(place);
    return this;
  }

  /**
   * Writes the checkpoint within an epoch too, after the first batch that ends so many seconds
   * after it was last written; unless set, at ends of epochs only. What is trained does not depend
   * on it.
   *
   * @throws IllegalArgumentException unless it is positive
   */
  public Training checkpointEvery(double seconds) {
    loop.checkpointEvery(seconds);
    return this;
  }

  /** Text kept in each checkpoint beside the state, such as the settings of the training. */
  public Training metadata(Map<String, String> entries) {
    loop.metadata(entries);
    return this;
  }

  /**
   * Continues from a checkpoint; the network must be the one read from it.
   *
   * @throws IOException if it is not a checkpoint of a training
   */
  public Training resume(ModelFile file) throws IOException {
    loop.resume(file);
    return this;
  }

  /**
   * The epochs of a training that are finished in a checkpoint.
   *
   * @throws IOException if it is not a checkpoint of a training
   */
  public static List<EpochResult> epochsDone(ModelFile checkpoint) throws IOException {
    return List.copyOf(TrainingState.of(checkpoint).results);
  }

  /**
   * Trains on several devices of this process at once, with a thread and a copy of the network for
   * each. Every batch is shared out evenly, gradients are added up in pairs of devices, and all
   * copies take the same step; the network given to {@link #of} is trained on its own backend, as
   * the first. Two trainings are bit-identical. Regularisers of events see the events of the share
   * of their device, and masks of training are drawn for each share. The data, the loss and the
   * regularisers are used by all threads at once. RigL needs candidates then; see {@link
   * io.tacet.network.Rewiring#candidates(double)}.
   *
   * @param backends of the same kind as that of the network; each open until {@link #run} returns,
   *     and used by nothing else meanwhile
   */
  public Training devices(Backend... backends) {
    others = List.of(backends);
    return this;
  }

  /**
   * Cuts every batch into so many shares, each with a pass of its own, one after the other: arrays
   * of a pass take the memory of a share. Samples stay in their shares, among which the order of an
   * epoch is drawn. Gradients of shares are added up in pairs, {@link PairSums}; so what is trained
   * depends on their number, and not on the devices or members of a group that they are computed
   * on, to the last bit on backends of one kind. Regularisers of events see the events of a share,
   * masks of training are drawn for each, and {@link EpochResult#backwardSparsity} is of the last
   * share of the first member. RigL needs candidates then, as with {@link #devices}.
   *
   * @param count at least 1, and at least the number of devices or members
   */
  public Training shares(int count) {
    settings.shares = positive("shares", count);
    return this;
  }

  /**
   * Trains as a member of a group, such as processes of a cluster: each calls {@link #run} with the
   * same settings on a copy of the network, and all end with the same numbers. Needs of the data
   * the samples of its shares only, see {@link #shares}; the test set, the listener, files and
   * early stopping are those of the first member. An error ends all members.
   */
  public Training member(Communicator member) {
    group = member;
    return this;
  }

  /**
   * Bytes that all arrays of the network and of its training may take: {@link #run} refuses a
   * training that needs more before it begins. Unless set, {@link io.tacet.Backend#memory}.
   */
  public Training memory(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("memory: expected at least 1 byte, got " + bytes + ".");
    }
    memory = bytes;
    return this;
  }

  /** What {@link #run} with these data will allocate; nothing of it stays allocated. */
  public MemoryPlan plan(Dataset train, Dataset test) {
    try (Trainee trainee = settings.trainee(network, train, test, Communicator.alone())) {
      return trainee.plan(loop.optimizer(), loop.stopsEarly());
    }
  }

  static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected at least 1, got " + value + ".");
    }
    return value;
  }

  /**
   * Trains.
   *
   * @param train training set
   * @param test measured after each epoch and never trained on; null for none
   * @throws IOException if a checkpoint cannot be written or the one resumed from does not fit
   * @throws IllegalArgumentException if the data do not fit the network, or its arrays the memory
   * @throws ArithmeticException if the training diverges
   */
  public History run(Dataset train, Dataset test) throws IOException {
    if (others.isEmpty()) {
      return run(network, train, test, group);
    }
    if (group.size() > 1) {
      throw new IllegalArgumentException(
          "devices: expected one device for a member of a group, got " + (1 + others.size()) + ".");
    }
    return new DeviceGroup(network, others).run((copy, one) -> run(copy, train, test, one));
  }

  private History run(Network copy, Dataset train, Dataset test, Communicator member)
      throws IOException {
    Dataset measured = member.rank() == 0 ? test : null;
    try (Trainee trainee = settings.trainee(copy, train, measured, member)) {
      long most = memory > 0 ? memory : copy.backend().memory();
      trainee.plan(loop.optimizer(), loop.stopsEarly()).require(most);
      return loop.run(trainee);
    } catch (IOException | RuntimeException | Error e) {
      member.fail(e);
      throw e;
    }
  }
}
