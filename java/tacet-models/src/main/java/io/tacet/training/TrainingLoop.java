package io.tacet.training;

import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.network.Numbers;
import io.tacet.network.Pass;
import io.tacet.optim.Adam;
import io.tacet.optim.GradientNorm;
import io.tacet.optim.Optimizer;
import io.tacet.optim.OptimizerSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Epochs of updates over whatever is trained, with checkpoints from which a training continues bit
 * for bit on the same backend.
 */
final class TrainingLoop {
  private OptimizerSpec optimizer = Adam.rate(1e-3);
  private int epochs = 100;
  private double clipNorm = Double.POSITIVE_INFINITY;
  private double seconds = Double.POSITIVE_INFINITY;
  private int patience;
  private TrainingListener listener = TrainingListener.NONE;
  private AtomicBoolean stop = new AtomicBoolean();

  /** Null for none. */
  private Checkpoints checkpoint;

  private double checkpointSeconds = Double.POSITIVE_INFINITY;
  private Map<String, String> metadata = Map.of();
  private ModelFile resumed;

  TrainingLoop optimizer(OptimizerSpec chosen) {
    optimizer = chosen;
    return this;
  }

  OptimizerSpec optimizer() {
    return optimizer;
  }

  boolean stopsEarly() {
    return patience > 0;
  }

  /** Passes over the training set, at least 1. */
  TrainingLoop epochs(int count) {
    epochs = Training.positive("epochs", count);
    return this;
  }

  /** The gradient by all parameters together is scaled down to at most this norm. */
  TrainingLoop clipNorm(double most) {
    if (!(most > 0)) {
      throw new IllegalArgumentException("clipNorm: expected a positive number, got " + most + ".");
    }
    clipNorm = most;
    return this;
  }

  /**
   * Ends after the update during which this much time was spent on training, tests and files not
   * counted; the learning rate then follows its schedule by the clock where that is ahead of the
   * epochs. What is trained by the clock is not the same twice.
   */
  TrainingLoop seconds(double most) {
    if (!(most > 0)) {
      throw new IllegalArgumentException("seconds: expected a positive number, got " + most + ".");
    }
    seconds = most;
    return this;
  }

  /** See {@link Training#earlyStopping}. */
  TrainingLoop earlyStopping(int epochsWithout) {
    patience = Training.positive("patience", epochsWithout);
    return this;
  }

  TrainingLoop listener(TrainingListener chosen) {
    listener = chosen;
    return this;
  }

  /** When it becomes true, the training ends after the batch in progress and saves. */
  TrainingLoop stopWhen(AtomicBoolean flag) {
    stop = flag;
    return this;
  }

  /** See {@link Training#checkpoint(Checkpoints)}. */
  TrainingLoop checkpoint(Checkpoints place) {
    checkpoint = place;
    return this;
  }

  /** See {@link Training#checkpointEvery}. */
  TrainingLoop checkpointEvery(double most) {
    if (!(most > 0)) {
      throw new IllegalArgumentException(
          "checkpointEvery: expected a positive number of seconds, got " + most + ".");
    }
    checkpointSeconds = most;
    return this;
  }

  /** Text kept in each checkpoint beside the state, such as the settings of the training. */
  TrainingLoop metadata(Map<String, String> entries) {
    metadata = new LinkedHashMap<>(entries);
    return this;
  }

  /**
   * Continues from a checkpoint; the network must be the one read from it.
   *
   * @throws IOException if it is not a checkpoint of a training
   */
  TrainingLoop resume(ModelFile file) throws IOException {
    TrainingState.of(file);
    resumed = file;
    return this;
  }

  /**
   * Trains.
   *
   * @throws IOException if a checkpoint cannot be written or the one resumed from does not fit
   * @throws ArithmeticException if the training diverges
   */
  History run(Trainee trainee) throws IOException {
    Communicator group = trainee.group();
    boolean leads = group.rank() == 0;
    if (patience > 0 && leads && !trainee.isTested()) {
      throw new IllegalArgumentException(
          "earlyStopping: expected a set that epochs are measured on, got none. Give run(train,"
              + " test) one.");
    }
    try (Optimizer running = trainee.updates(optimizer);
        Rewirings rewirings = trainee.rewirings(running);
        BestWeights best =
            patience > 0 && leads ? new BestWeights(patience, trainee.changing()) : null) {
      TrainingListener told = leads ? listener : TrainingListener.NONE;
      Parts parts = new Parts(trainee, running, rewirings, best, told);
      TrainingState state = new TrainingState();
      if (resumed != null) {
        state = TrainingState.of(resumed);
        state.restore(resumed, running, trainee, best);
      } else {
        // Now, so that a training killed in its first epoch does not leave the file of another one.
        save(parts, state);
      }
      state.savedNanos = System.nanoTime();
      told.begin(state.epoch, epochs, trainee.begin(state.epoch));
      History history = epochs(parts, state);
      told.end(trainee.latest());
      return history;
    }
  }

  /**
   * What works together in a training.
   *
   * @param best null without early stopping
   * @param told the listener; one that does nothing where another member of the group reports
   */
  private record Parts(
      Trainee trainee,
      Optimizer running,
      Rewirings rewirings,
      BestWeights best,
      TrainingListener told) {}

  private History epochs(Parts parts, TrainingState state) throws IOException {
    Trainee trainee = parts.trainee;
    BestWeights best = parts.best;
    Communicator group = trainee.group();
    List<EpochResult> results = new ArrayList<>(state.results);
    while (group.agreed(state.epoch < epochs && (best == null || !best.over(results)))) {
      boolean whole = epoch(parts, state);
      Numbers.checkFinite(trainee.parameters());
      boolean timeIsUp = state.trained >= seconds;
      if (!whole) {
        save(parts, state);
        if (!timeIsUp) {
          return new History(results, false, 0);
        }
      }
      long began = System.nanoTime();
      Evaluation tested = trainee.test();
      state.seconds += (System.nanoTime() - began) * 1e-9;
      EpochResult result = result(state, tested, trainee.latest());
      results.add(result);
      if (best != null) {
        best.see(results);
      }
      // First, so that whoever is killed in between has told of an epoch too many, not too few.
      parts.told.epoch(result);
      if (whole) {
        state.results.add(result);
        state.epoch++;
        state.batch = 0;
        state.tally = new Tally();
        save(parts, state);
      }
      if (timeIsUp) {
        break;
      }
    }
    if (best == null) {
      return new History(results, true, 0);
    }
    best.putBack();
    trainee.changed();
    return new History(results, true, BestWeights.epoch(results));
  }

  private EpochResult result(TrainingState state, Evaluation tested, Pass latest) {
    return new EpochResult(
        state.epoch + 1,
        state.tally.meanLoss(),
        state.tally.accuracy(),
        tested == null ? Double.NaN : tested.loss(),
        tested == null ? Double.NaN : tested.accuracy(),
        state.tally.activity(),
        state.tally.activities(),
        factor(state, state.epoch),
        latest == null ? Double.NaN : latest.backwardSparsity(),
        state.tally.margin,
        state.seconds);
  }

  /** Trains the rest of an epoch; false if it was stopped or the time is up. */
  private boolean epoch(Parts parts, TrainingState state) throws IOException {
    Trainee trainee = parts.trainee;
    Communicator group = trainee.group();
    int count = trainee.begin(state.epoch);
    while (state.batch < count) {
      if (group.agreed(stop.get() || state.trained >= seconds)) {
        return false;
      }
      long began = System.nanoTime();
      update(parts, state, count);
      state.batch++;
      double took = (System.nanoTime() - began) * 1e-9;
      state.trained = group.ofFirst(state.trained + took);
      state.seconds += took;
      parts.told.batch(
          state.epoch + 1,
          state.batch,
          count,
          state.tally.meanLoss(),
          state.tally.accuracy(),
          state.tally.activity());
      // Not after the last batch, of which the result of the epoch still tells.
      if (state.batch < count && System.nanoTime() - state.savedNanos >= checkpointSeconds * 1e9) {
        save(parts, state);
      }
    }
    return true;
  }

  /** One batch, of an epoch of {@code count}. */
  private void update(Parts parts, TrainingState state, int count) {
    Trainee trainee = parts.trainee;
    Rewirings rewirings = parts.rewirings;
    int update = parts.running.steps() + 1;
    double epoch = done(state, state.epoch + (double) state.batch / count);
    rewirings.begin(update, epoch / epochs);
    trainee.batch(state.epoch, state.batch, state.tally);
    rewirings.choose(update);
    if (clipNorm < Double.POSITIVE_INFINITY) {
      GradientNorm.clip(trainee.parameters(), clipNorm);
    }
    double factor = optimizer.schedule().factor(epoch, epochs) * trainee.rateFactor();
    if (parts.told.readsGradients()) {
      parts.running.step(factor);
    } else {
      trainee.cleared(parts.running.stepAndClear(factor));
    }
    trainee.updated(parts.running.rate() * factor);
    rewirings.end(update, epoch / epochs, parts.running.rate() * factor);
  }

  /** Epochs that are done, by the clock where that is ahead. */
  private double done(TrainingState state, double epoch) {
    return Math.max(epoch, epochs * Math.min(1, state.trained / seconds));
  }

  private double factor(TrainingState state, double epoch) {
    return optimizer.schedule().factor(done(state, epoch), epochs);
  }

  private void save(Parts parts, TrainingState state) throws IOException {
    Trainee trainee = parts.trainee;
    if (checkpoint == null || trainee.group().rank() > 0) {
      return;
    }
    ModelFileBuilder file = ModelFile.builder();
    trainee.write(file);
    state.write(file, parts.running, trainee, parts.best);
    metadata.forEach(file::metadata);
    checkpoint.write(file.build());
    state.savedNanos = System.nanoTime();
  }
}
