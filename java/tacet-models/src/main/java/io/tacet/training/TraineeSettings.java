package io.tacet.training;

import io.tacet.data.Dataset;
import io.tacet.data.SequenceData;
import io.tacet.network.Dropouts;
import io.tacet.network.Flow;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.TapeKind;
import io.tacet.network.TrainingOptions;
import io.tacet.network.batches.BatchPlan;
import io.tacet.network.batches.Shares;
import io.tacet.plasticity.Oja;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What {@link Training} says of loss, batches and passes. */
final class TraineeSettings {
  /** Null for the usual one of the network and the data. */
  Loss loss;

  final List<Regulariser> regularisers = new ArrayList<>();
  final Set<String> fixed = new LinkedHashSet<>();

  /** Null for none. */
  Oja plasticity;

  /** Null for pairs that are all alike. */
  NearPairs near;

  int batch = 32;
  long seed;
  boolean inOrder;
  double inputDropout;
  double inputNoise;
  int chunk = 64;
  boolean variableChunks;
  Dropouts dropouts = Dropouts.OFF;
  TapeKind tape = TapeKind.FULL;
  int segment;

  /** Of spikes, 0 for the exact gradient. */
  double leastSlope;

  /** 0 for one for each member of the group. */
  int shares;

  /**
   * What they make of a network and data; the caller closes it.
   *
   * @param test null for none
   */
  Trainee trainee(Network copy, Dataset train, Dataset test, Communicator group) {
    BatchPlan plan =
        new BatchPlan(
            batch,
            seed,
            inputDropout,
            inputNoise,
            chunk,
            variableChunks,
            new TrainingOptions(dropouts, tape, segment, leastSlope),
            true,
            Shares.of(shares > 0 ? shares : group.size(), group.rank(), group.size(), shares > 0),
            inOrder);
    dropouts.check(copy.spec());
    Changes changes = new Changes(fixed, plasticity, near);
    changes.check(copy, plan.shares());
    checkLengths(train);
    Loss chosen = loss == null ? usual(copy, train) : loss;
    return new Trainee(copy, chosen, regularisers, changes, train, test, plan, group);
  }

  /** Padding would be steps that the rule sees. */
  private void checkLengths(Dataset train) {
    boolean ragged =
        train instanceof SequenceData sequences
            && IntStream.range(0, sequences.size())
                .anyMatch(i -> sequences.length(i) != sequences.steps());
    if (plasticity != null && ragged) {
      throw new IllegalArgumentException(
          "plasticity: expected sequences of equal length, all of whose steps the rule sees, got"
              + " different ones in "
              + train.name()
              + ". Group samples by length, or leave the rule out.");
    }
  }

  private static Loss usual(Network network, Dataset train) {
    NetworkSpec spec = network.spec();
    if (train instanceof SequenceData sequences && sequences.targets() > 0) {
      return new MeanSquaredError();
    }
    return spec.below(spec.layers().size()).kind() == Flow.Kind.SPIKES
        ? TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels()
        : new CrossEntropy();
  }
}
