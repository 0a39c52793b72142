package io.tacet.training;

import io.tacet.memory.DeviceArray;
import io.tacet.network.Connection;
import io.tacet.network.LayerArrays;
import io.tacet.network.RewiredSynapses;
import io.tacet.network.Rewiring;
import io.tacet.optim.Optimizer;
import io.tacet.rewire.Companion;
import io.tacet.rewire.RandomWalk;
import io.tacet.rewire.Rewirer;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.WeightLaw;
import java.util.ArrayList;
import java.util.List;

/**
 * Rewires one connection between the steps of an update. Everything random follows from the seed
 * and the number of the update, and nothing is in progress after an update: so a training resumed
 * from a checkpoint, which holds the pattern and all that goes with it, continues as if it had not
 * ended.
 */
final class RunningRewiring implements AutoCloseable {
  private final RewiredSynapses synapses;
  private final Rewiring rewiring;
  private final LayerArrays arrays;
  private final Rewirer rewirer;

  /** Null for pairs that are all alike. */
  private final NearPairs near;

  private final long seed;

  /** Candidates that have to leave once their gradients are known. */
  private long leaving;

  /** What goes on until gradients are known. */
  private enum State {
    NOTHING,
    /** Candidates take part. */
    TRYING,
    /** The backward pass is to show gradients of absent synapses. */
    SEARCHING
  }

  private State state = State.NOTHING;

  RunningRewiring(RewiredSynapses synapses, Optimizer optimizer, NearPairs near, long seed) {
    this.synapses = synapses;
    this.rewiring = synapses.connection().rewiring();
    this.arrays = synapses.arrays();
    this.rewirer = new Rewirer(synapses.wiring(), companions(synapses, optimizer));
    this.near = near;
    this.seed = seed;
  }

  private static List<Companion> companions(RewiredSynapses synapses, Optimizer optimizer) {
    LayerArrays arrays = synapses.arrays();
    List<Companion> all = new ArrayList<>();
    boolean drawn = synapses.connection().rewiring().drawn();
    WeightLaw law = drawn ? synapses.first() : WeightLaw.constant(0);
    add(all, arrays, synapses.weights(), law, optimizer);
    if (synapses.delays() != null) {
      Connection connection = synapses.connection();
      WeightLaw delays = WeightLaw.uniform(connection.delayLow(), connection.delayHigh());
      add(all, arrays, synapses.delays(), delays, optimizer);
    }
    if (synapses.signs() != null) {
      all.add(new Companion(arrays.value(synapses.signs()), synapses.first()));
    }
    return all;
  }

  private static void add(
      List<Companion> all, LayerArrays arrays, String name, WeightLaw law, Optimizer optimizer) {
    all.add(new Companion(arrays.value(name), law));
    DeviceArray gradient = arrays.gradientOf(name);
    if (gradient != null) {
      all.add(Companion.zeroed(gradient));
    }
    optimizer.state(name).forEach(state -> all.add(Companion.zeroed(state)));
  }

  private DeviceArray weights() {
    return arrays.value(synapses.weights());
  }

  /**
   * Before the passes of an update: RigL marks what goes, and wants the gradients of what is
   * absent, or puts candidates there.
   *
   * @param update number of the update to be, from 1
   * @param progress part of the training that is done
   */
  void begin(int update, double progress) {
    if (rewiring.method() != Rewiring.Method.RIGL || !rewiring.at(update, progress)) {
      return;
    }
    long count = replaced(progress);
    if (count == 0) {
      return;
    }
    rewirer.markSmallest(weights(), count);
    if (synapses.searches()) {
      search(count, update);
      state = State.SEARCHING;
      return;
    }
    leaving = rewirer.room();
    state = State.TRYING;
    replace(count + leaving, update);
  }

  private void search(long count, int update) {
    if (synapses.tiles() == null) {
      synapses.absent().want(factors -> rewirer.findLargest(factors, count));
      return;
    }
    DeviceArray delays = synapses.delays() == null ? null : arrays.value(synapses.delays());
    synapses
        .tiles()
        .want(
            Math.toIntExact(count),
            rewirer.marked(),
            pair -> rewirer.initial(delays, pair, seed, update));
  }

  /** Those that a search has found come. */
  private void replaceByFound(int update) {
    if (synapses.tiles() == null) {
      rewirer.replaceByFound(seed, update);
    } else {
      rewirer.replaceBy(synapses.tiles().found(), seed, update);
      synapses.tiles().putDelaysBack();
      synapses.tiles().leave();
    }
    arrays.patternChanged();
  }

  /**
   * Between the backward pass and the update: those that RigL has found come, or of its candidates
   * the best stay. An update moves those that come only if it is by candidates, whose gradients are
   * there: the others begin with moments and a gradient of 0.
   */
  void choose(int update) {
    switch (state) {
      case NOTHING -> {
        // Synapses stay as they are.
      }
      case TRYING -> {
        rewirer.markSmallestNew(arrays.gradientOf(synapses.weights()), leaving);
        replace(0, update);
      }
      case SEARCHING -> replaceByFound(update);
    }
    state = State.NOTHING;
  }

  /**
   * After an update.
   *
   * @param rate learning rate that it had
   */
  void end(int update, double progress, double rate) {
    if (!rewiring.at(update, progress)) {
      return;
    }
    switch (rewiring.method()) {
      case RIGL -> {
        // Its turn was before the update.
      }
      case SET -> {
        long count = replaced(progress);
        rewirer.markSmallest(weights(), count);
        replace(count, update);
      }
      case DEEP_R -> walk(update, rate);
      case PRUNE -> prune(update, progress);
    }
  }

  /** How many synapses are to be replaced. */
  private long replaced(double progress) {
    return (long) (rewiring.fractionAt(progress) * rewirer.synapses());
  }

  private void walk(int update, double rate) {
    RandomWalk walk =
        new RandomWalk(rate * rewiring.l1(), Math.sqrt(2 * rate * rewiring.temperature()));
    long crossed =
        rewirer.markCrossed(weights(), arrays.value(synapses.signs()), walk, seed, update);
    if (crossed > 0) {
      replace(crossed, update);
    }
  }

  private void prune(int update, double progress) {
    Wiring wiring = synapses.wiring();
    double first =
        synapses.connection().connectivity().fanIn(wiring.sources(), wiring.targets())
            / wiring.sources();
    double density = rewiring.densityAt(first, progress);
    long left = Math.max(1, Math.round(density * wiring.pairs()));
    if (rewirer.synapses() > left) {
      rewirer.markSmallest(weights(), rewirer.synapses() - left);
      replace(0, update);
    }
  }

  private void replace(long grow, int update) {
    if (near == null || grow == 0) {
      rewirer.replace(grow, seed, update);
    } else {
      Wiring wiring = synapses.wiring();
      rewirer.replaceBy(near.draw(wiring, Math.toIntExact(grow), seed, update), seed, update);
    }
    arrays.patternChanged();
  }

  @Override
  public void close() {
    // An update may have failed before its backward pass.
    if (synapses.absent() != null) {
      synapses.absent().leave();
    }
    if (synapses.tiles() != null) {
      synapses.tiles().leave();
    }
    rewirer.close();
  }
}
