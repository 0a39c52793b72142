package io.tacet.training;

import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.data.Dataset;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.HostCopies;
import io.tacet.memory.Resources;
import io.tacet.network.EventCounter;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.RewiredSynapses;
import io.tacet.network.batches.BatchPlan;
import io.tacet.network.batches.Batches;
import io.tacet.network.batches.Shares;
import io.tacet.optim.Optimizer;
import io.tacet.optim.OptimizerSpec;
import io.tacet.optim.Parameter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a {@link TrainingLoop} trains: a network with its data, loss and regularisers. Every random
 * draw follows from the numbers of epoch and batch, so that a training continues from any batch.
 */
final class Trainee implements AutoCloseable {
  private final Network network;
  private final Loss loss;
  private final long seed;
  private final List<Regulariser> regularisers;
  private final Changes changes;
  private final List<Parameter> parameters;
  private final Batches batches;
  private final Batches tests;
  private final Communicator group;
  private final Shares shares;

  /** Null where a batch is one pass. */
  private final ShareSums sums;

  private final Resources resources = new Resources();

  /** Whether an update has left all gradients 0. */
  private boolean cleared;

  /** The last pass of training; null before the first. */
  private Pass latest;

  /**
   * @param test null for none
   */
  Trainee(
      Network network,
      Loss loss,
      List<Regulariser> regularisers,
      Changes changes,
      Dataset train,
      Dataset test,
      BatchPlan plan,
      Communicator group) {
    this.network = network;
    this.group = group;
    this.shares = plan.shares();
    this.sums = shares.count() == 1 ? null : new ShareSums(network, group, shares.count());
    this.loss = loss;
    this.seed = plan.seed();
    this.changes = changes;
    this.parameters = changes.of(network);
    try {
      this.regularisers =
          regularisers.stream().map(each -> each.during(network, resources)).toList();
      batches = resources.own(Batches.of(network, train, plan));
      checkRewiring();
      tests = test == null ? null : resources.own(Batches.of(network, test, BatchPlan.MEASURE));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** The gradients of all absent synapses together would take more than there is. */
  private void checkRewiring() {
    boolean segments = batches.shapes(true).stream().anyMatch(shape -> shape.segment() > 0);
    boolean searches = network.rewired().stream().anyMatch(RewiredSynapses::searches);
    if (searches && (segments || shares.count() > 1)) {
      String cut = group.size() > 1 ? "on several devices" : "in shares";
      throw new IllegalArgumentException(
          "rewiring: expected candidates for RigL "
              + (segments ? "in segments" : cut)
              + ", where gradients of all absent synapses would have to be kept and added, got"
              + " none. Say Rewiring.rigl(fraction).candidates(1).");
    }
  }

  /**
   * What is going to be allocated.
   *
   * @param keepsBest whether the best weights are kept beside the last
   */
  MemoryPlan plan(OptimizerSpec optimizer, boolean keepsBest) {
    return MemoryPlan.of(
        network,
        optimizer.moments() + (keepsBest ? 1 : 0),
        batches.shapes(true),
        tests == null ? List.of() : tests.shapes(false));
  }

  /** Those that train. */
  List<Parameter> parameters() {
    return parameters;
  }

  /** Updates of them; the caller closes it. */
  Optimizer updates(OptimizerSpec spec) {
    return changes.updates(network, spec, this::latest);
  }

  /** Everything that the training changes, by name. */
  Map<String, DeviceArray> changing() {
    return network.changing();
  }

  /** To be called after all of it has been set. */
  void changed() {
    network.rewired().forEach(synapses -> synapses.arrays().patternChanged());
  }

  /** What changes its synapses while it trains; the caller closes it before the optimiser. */
  Rewirings rewirings(Optimizer optimizer) {
    return changes.rewirings(network, optimizer, seed);
  }

  /** Prepares an epoch, from 0; its number of batches. */
  int begin(int epoch) {
    return batches.begin(epoch);
  }

  /**
   * Sets the gradients to those of a batch and counts what it gave.
   *
   * @param epoch from 0
   * @param batch from 0, in order
   */
  void batch(int epoch, int batch, Tally tally) {
    if (sums == null) {
      share(epoch, batch, 0, tally.activities(), tally);
      return;
    }
    List<Double> activities = tally.activities();
    sums.begin();
    for (int k = 0; k < shares.here(); k++) {
      Tally counted = new Tally();
      share(epoch, batch, k, activities, counted);
      sums.add(shares.first() + k, batches.fraction(), counted);
      // Of margins only its own: the others' samples have other numbers.
      tally.margin(counted.margin);
    }
    sums.end(tally);
  }

  private void share(int epoch, int batch, int share, List<Double> activities, Tally counted) {
    if (!cleared) {
      network.zeroGradients();
    }
    cleared = false;
    Pass pass = batches.train(epoch, batch, share, activities);
    if (pass == null) {
      return;
    }
    latest = pass;
    if (!settlesLate()) {
      pass.settle(pass.copies(pass.unsettled()));
    }
    gradients(pass);
    batches.done();
    HostCopies copies = read(pass);
    if (!pass.settle(copies)) {
      network.zeroGradients();
      gradients(pass);
      copies = read(pass);
    }
    count(pass, copies, counted);
  }

  /** Whether nothing on the host depends on a forward pass until its losses are read. */
  private boolean settlesLate() {
    return loss.issuesOnly() && regularisers.isEmpty() && network.rewired().isEmpty();
  }

  private void gradients(Pass pass) {
    loss.evaluate(pass);
    regularisers.forEach(regulariser -> regulariser.apply(pass));
    pass.backward();
    regularisers.forEach(regulariser -> regulariser.applyToGradients(pass));
  }

  /**
   * Tells what an update left.
   *
   * @param all whether the gradients of all {@link #parameters} are 0
   */
  void cleared(boolean all) {
    cleared = all && parameters.size() == network.parameters().size();
  }

  /** Lets regularisers change weights after an update at this learning rate. */
  void updated(double rate) {
    regularisers.forEach(regulariser -> regulariser.afterUpdate(network, rate));
  }

  /** What the network is trained together with. */
  Communicator group() {
    return group;
  }

  double rateFactor() {
    return batches.rateFactor();
  }

  /** Adds what a pass gave; returns its predicted classes, until the pass is counted again. */
  static int[] count(Pass pass, Tally tally) {
    return count(pass, read(pass), tally);
  }

  /** Waits for everything that is looked at of a pass. */
  private static HostCopies read(Pass pass) {
    Set<DeviceArray> read = new LinkedHashSet<>(List.of(pass.losses(), pass.predicted()));
    pass.counters().forEach(layer -> layer.forEach(counter -> read.add(counter.parts())));
    if (pass.shape().trains()) {
      read.addAll(pass.marginParts());
    }
    read.addAll(pass.unsettled());
    return pass.copies(List.copyOf(read));
  }

  private static int[] count(Pass pass, HostCopies copies, Tally tally) {
    List<List<EventCounter>> layers = pass.counters();
    boolean trains = pass.shape().trains();
    int[] predicted = {};
    if (pass.targets() == null) {
      predicted = copies.ints(pass.predicted());
      tally.predictions(copies.doubles(pass.losses()), predicted, pass.labelValues());
    } else {
      tally.losses(copies.doubles(pass.losses()), pass.rows());
    }
    if (trains) {
      tally.margin(pass.margin(copies));
    }
    for (int k = 0; k < layers.size(); k++) {
      for (EventCounter counter : layers.get(k)) {
        tally.events(k, counter.total(copies), counter.units() * counter.possible());
      }
    }
    return predicted;
  }

  /** Whether there is a test set. */
  boolean isTested() {
    return tests != null;
  }

  /** Measures the test set; null without one. */
  Evaluation test() {
    // A loss that goes forward and back in one adds to gradients.
    cleared = false;
    return tests == null ? null : Evaluation.run(tests, loss);
  }

  /** The last pass of training; null before the first. */
  Pass latest() {
    return latest;
  }

  /** Adds the network to a file. */
  void write(ModelFileBuilder file) {
    network.write(file);
  }

  /** Arrays beside the network that pass from one batch to the next, by name. */
  Map<String, DeviceArray> carried() {
    return batches.carried();
  }

  @Override
  public void close() {
    resources.close();
  }
}
