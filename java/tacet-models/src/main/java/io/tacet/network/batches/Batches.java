package io.tacet.network.batches;

import io.tacet.data.BinnedSpikes;
import io.tacet.data.Dataset;
import io.tacet.data.SequenceData;
import io.tacet.data.SpikeDataset;
import io.tacet.data.Text;
import io.tacet.memory.DeviceArray;
import io.tacet.network.InputSpec;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Moves a data set through passes of a network, in batches. Owns the passes. */
public interface Batches extends AutoCloseable {
  /**
   * Batches of a data set.
   *
   * @throws IllegalArgumentException if the network takes other data
   */
  static Batches of(Network network, Dataset data, BatchPlan plan) {
    if (data instanceof SpikeDataset spikes) {
      if (network.spec().input() instanceof InputSpec.Bins bins) {
        refuseDropout(plan, data);
        return new SequenceBatches(
            network, new BinnedSpikes(spikes, bins.duration(), bins.steps()), plan);
      }
      refuseNoise(plan, data);
      return new SpikeBatches(network, spikes, plan);
    } else if (data instanceof SequenceData sequences) {
      refuseDropout(plan, data);
      return new SequenceBatches(network, sequences, plan);
    } else if (data instanceof Text text) {
      refuseDropout(plan, data);
      refuseNoise(plan, data);
      return new TextBatches(network, text, plan);
    }
    throw new IllegalArgumentException(
        "data: expected a SpikeDataset, SequenceData or Text, got "
            + data.getClass().getName()
            + ".");
  }

  private static void refuseDropout(BatchPlan plan, Dataset data) {
    if (plan.inputDropout() > 0) {
      throw new IllegalArgumentException(
          "inputDropout: expected event times that reach spiking neurons, got steps or tokens of "
              + data.name()
              + ". Leave inputDropout out.");
    }
  }

  private static void refuseNoise(BatchPlan plan, Dataset data) {
    if (plan.inputNoise() > 0) {
      throw new IllegalArgumentException(
          "inputNoise: expected inputs that are numbers at every step, got event times or tokens in"
              + " "
              + data.name()
              + ". Leave inputNoise out.");
    }
  }

  /**
   * A seed for a batch.
   *
   * @param seed of the training
   * @param epoch from 0
   * @param batch from 0; -1 for the epoch itself
   */
  static long seed(long seed, int epoch, int batch) {
    SplittableRandom first = new SplittableRandom(seed);
    return new SplittableRandom(first.nextLong() ^ ((long) epoch << 32) ^ batch).nextLong();
  }

  /** Sizes of batches that come up: the full one, and that of a smaller last one. */
  static Stream<Integer> sizes(int samples, int most) {
    return Stream.of(Math.min(samples, most), samples < most ? 0 : samples % most)
        .filter(size -> size > 0);
  }

  /**
   * Prepares an epoch.
   *
   * @param epoch from 0
   * @return its number of batches, the same whenever it is asked
   */
  int begin(int epoch);

  /**
   * A pass that has gone forward over a share of a batch of training; null if there is nothing in
   * it. What is open of it is for {@link Pass#settle} to tell.
   *
   * @param number from 0; batches of an epoch come in their order
   * @param share of those that are trained here, from 0; those of a batch come in their order
   * @param activities so far in the epoch, of each layer; empty where nothing is known
   */
  Pass train(int epoch, int number, int share, List<Double> activities);

  /** The first share that is trained here, settled. */
  default Pass train(int epoch, int number, List<Double> activities) {
    Pass pass = train(epoch, number, 0, activities);
    pass.settle(pass.copies(pass.unsettled()));
    return pass;
  }

  /** Fraction of the last batch of training that was in the last share. */
  double fraction();

  /** After the backward pass of the last share. */
  default void done() {}

  /** The same in the order of the data, without gradients; null after the last. */
  Pass test(int number, List<Double> activities);

  /**
   * Shapes of the passes that {@link #train} keeps open, or that {@link #test} does.
   *
   * @param training which of them
   */
  List<PassShape> shapes(boolean training);

  /** Number of samples that have one prediction each; 0 where every step has one. */
  int samples();

  /**
   * Factor on the learning rate of the update by the last batch: 1 unless batches differ in size.
   */
  default double rateFactor() {
    return 1;
  }

  /** Arrays that pass from one batch to the next, by name. */
  default Map<String, DeviceArray> carried() {
    return Map.of();
  }

  @Override
  void close();
}
