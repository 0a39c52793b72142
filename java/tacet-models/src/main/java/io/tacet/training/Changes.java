package io.tacet.training;

import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.batches.Shares;
import io.tacet.optim.Optimizer;
import io.tacet.optim.OptimizerSpec;
import io.tacet.optim.Parameter;
import io.tacet.plasticity.Oja;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What an update changes.
 *
 * @param fixed names of parameters that stay as they are
 * @param plasticity rule of the input weights of the first layer; null for none
 * @param near how pairs for new synapses are drawn; null for all alike
 */
record Changes(Set<String> fixed, Oja plasticity, NearPairs near) {
  /** Refuses what does not fit the network. */
  void check(Network network, Shares shares) {
    List<String> names = network.parameters().stream().map(Parameter::name).toList();
    for (String name : fixed) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            "fixed: expected some of " + names + ", got '" + name + "'.");
      }
    }
    if (near != null && network.rewired().stream().noneMatch(near::draws)) {
      throw new IllegalArgumentException(
          "growNear: expected recurrent synapses of "
              + near.positions().units()
              + " units that SET or DEEP R rewires, got none. Say Connection.rewire(Rewiring.set(...)).");
    }
    if (plasticity == null) {
      return;
    }
    PlasticUpdates.check(network, plasticity);
    if (shares.count() > 1) {
      throw new IllegalArgumentException(
          "plasticity: expected a training on one device and without shares, where the rule sees"
              + " whole batches, got one with batches in "
              + shares.count()
              + " parts.");
    }
  }

  /** The parameters that do not stay as they are. */
  List<Parameter> of(Network network) {
    return network.parameters().stream().filter(p -> !fixed.contains(p.name())).toList();
  }

  /** What changes the synapses; the caller closes it before the optimiser. */
  Rewirings rewirings(Network network, Optimizer optimizer, long seed) {
    return new Rewirings(network.rewired(), optimizer, near, seed);
  }

  /** Makes the updates; the caller closes them. */
  Optimizer updates(Network network, OptimizerSpec spec, Supplier<Pass> latest) {
    return plasticity == null
        ? spec.create(of(network))
        : new PlasticUpdates(network, plasticity, spec, of(network), latest);
  }
}
