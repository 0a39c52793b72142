package io.tacet.training;

import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.data.SpikeDataset;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.optim.Adam;
import io.tacet.optim.Optimizer;
import io.tacet.optim.OptimizerSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Trains a network: settings first, then {@link #run}. The order of samples and every random draw
 * of an epoch follow from the seed and the number of the epoch, so that a training resumed from a
 * checkpoint continues bit for bit on the same backend. Every batch of an epoch is used, also a
 * smaller last one, and weights change only between a backward pass and the next forward pass.
 */
public final class Training {
  private final Network network;
  private Loss loss = TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels();
  private OptimizerSpec optimizer = Adam.rate(5e-3).decay(0.95);
  private RateRegulariser regulariser = RateRegulariser.OFF;
  private int epochs = 100;
  private int batch = 32;
  private long seed;
  private double inputDropout;
  private TrainingListener listener = new TrainingListener() {};
  private AtomicBoolean stop = new AtomicBoolean();
  private Path checkpoint;
  private Map<String, String> metadata = Map.of();
  private ModelFile resumed;

  private Training(Network network) {
    this.network = network;
  }

  /** Settings for a network; it stays the caller's. */
  public static Training of(Network network) {
    return new Training(network);
  }

  public Training loss(Loss chosen) {
    loss = chosen;
    return this;
  }

  public Training optimizer(OptimizerSpec chosen) {
    optimizer = chosen;
    return this;
  }

  public Training regulariser(RateRegulariser chosen) {
    regulariser = chosen;
    return this;
  }

  /** Passes over the training set, at least 1. */
  public Training epochs(int count) {
    epochs = positive("epochs", count);
    return this;
  }

  /** Samples per update, at least 1. */
  public Training batch(int size) {
    batch = positive("batch", size);
    return this;
  }

  /** Seed of the order of samples and of dropout. */
  public Training seed(long value) {
    seed = value;
    return this;
  }

  /** Probability that an input event is left out in training, [0, 1). */
  public Training inputDropout(double probability) {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException("inputDropout: expected [0, 1), got " + probability + ".");
    }
    inputDropout = probability;
    return this;
  }

  public Training listener(TrainingListener chosen) {
    listener = chosen;
    return this;
  }

  /** When it becomes true, the training ends after the batch in progress and saves. */
  public Training stopWhen(AtomicBoolean flag) {
    stop = flag;
    return this;
  }

  /** File that holds the latest state: written after each epoch and when stopped. */
  public Training checkpoint(Path file) {
    checkpoint = file;
    return this;
  }

  /** Text kept in each checkpoint beside the state, such as the settings of the training. */
  public Training metadata(Map<String, String> entries) {
    metadata = Map.copyOf(entries);
    return this;
  }

  /**
   * Continues from a checkpoint; the network must be the one read from it.
   *
   * @throws IOException if it is not a checkpoint of a training
   */
  public Training resume(ModelFile file) throws IOException {
    TrainingState.of(file);
    resumed = file;
    return this;
  }

  /**
   * How many epochs of a training are finished in a checkpoint.
   *
   * @throws IOException if it is not a checkpoint of a training
   */
  public static int epochsDone(ModelFile checkpoint) throws IOException {
    return TrainingState.of(checkpoint).epoch;
  }

  private static int positive(String name, int value) {
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
   * @throws ArithmeticException if the training diverges
   */
  public History run(SpikeDataset train, SpikeDataset test) throws IOException {
    try (Resources resources = new Resources()) {
      Optimizer running = resources.own(optimizer.create(network.parameters()));
      Batches trainBatches = resources.own(new Batches(network, train));
      Batches testBatches = test == null ? null : resources.own(new Batches(network, test));
      DeviceArray[] kicks = regulariser.kicks(network);
      if (kicks != null) {
        for (DeviceArray kick : kicks) {
          if (kick != null) {
            resources.own(kick);
          }
        }
      }
      TrainingState state = new TrainingState();
      if (resumed != null) {
        state = TrainingState.of(resumed);
        state.restore(resumed, running);
      }
      return epochs(state, running, trainBatches, train, testBatches, test, kicks);
    }
  }

  private History epochs(
      TrainingState state,
      Optimizer running,
      Batches trainBatches,
      SpikeDataset train,
      Batches testBatches,
      SpikeDataset test,
      DeviceArray[] kicks)
      throws IOException {
    long began = System.nanoTime();
    double before = state.seconds;
    List<EpochResult> results = new ArrayList<>(state.results);
    while (state.epoch < epochs) {
      boolean whole = epoch(state, running, trainBatches, train.size(), kicks);
      state.seconds = before + (System.nanoTime() - began) * 1e-9;
      if (!whole) {
        save(state, running);
        return new History(results, false);
      }
      network.checkFinite();
      Evaluation tested = test == null ? null : Evaluation.run(testBatches, loss, test.size());
      state.seconds = before + (System.nanoTime() - began) * 1e-9;
      EpochResult result =
          new EpochResult(
              state.epoch + 1,
              state.tally.meanLoss(),
              state.tally.accuracy(),
              tested == null ? Double.NaN : tested.loss(),
              tested == null ? Double.NaN : tested.accuracy(),
              state.tally.activity(),
              optimizer.schedule().factor(state.epoch, epochs),
              state.seconds);
      results.add(result);
      state.results.add(result);
      state.epoch++;
      state.batch = 0;
      state.tally = new Tally();
      save(state, running);
      listener.epoch(result);
    }
    return new History(results, true);
  }

  /** Trains the rest of an epoch; false if it was stopped. */
  private boolean epoch(
      TrainingState state, Optimizer running, Batches batches, int size, DeviceArray[] kicks) {
    int[] order = SpikeDataset.permutation(size, mix(seed, state.epoch, -1));
    int count = (size + batch - 1) / batch;
    while (state.batch < count) {
      if (stop.get()) {
        return false;
      }
      int from = state.batch * batch;
      SplittableRandom random = new SplittableRandom(mix(seed, state.epoch, state.batch));
      Pass pass = batches.load(order, from, Math.min(size, from + batch), inputDropout, random);
      pass.forward();
      loss.evaluate(pass);
      network.zeroGradients();
      if (kicks != null) {
        regulariser.fill(pass, kicks);
      }
      pass.backward(kicks);
      double done = state.epoch + (double) state.batch / count;
      running.step(optimizer.schedule().factor(done, epochs));
      state.tally.add(pass);
      state.batch++;
      listener.batch(
          state.epoch + 1,
          state.batch,
          count,
          state.tally.meanLoss(),
          state.tally.accuracy(),
          state.tally.activity());
    }
    return true;
  }

  private static long mix(long seed, int epoch, int batch) {
    SplittableRandom first = new SplittableRandom(seed);
    return new SplittableRandom(first.nextLong() ^ ((long) epoch << 32) ^ batch).nextLong();
  }

  private void save(TrainingState state, Optimizer running) throws IOException {
    if (checkpoint == null) {
      return;
    }
    ModelFileBuilder file = ModelFile.builder();
    network.write(file);
    state.write(file, running);
    metadata.forEach(file::metadata);
    file.build().write(checkpoint);
  }
}
