package io.tacet.training;

import io.tacet.memory.DeviceArray;
import io.tacet.network.Flow;
import io.tacet.network.LayerSpec;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.cells.DenseCell;
import io.tacet.network.cells.RnnCell;
import io.tacet.optim.Optimizer;
import io.tacet.optim.OptimizerSpec;
import io.tacet.optim.Parameter;
import io.tacet.optim.Sgd;
import io.tacet.plasticity.Oja;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * An optimiser after each of whose steps the input weights of the first layer follow a rule of
 * plasticity; together with the step where it is plain gradient descent. The rule has no state of
 * its own, so that a checkpoint is that of the optimiser.
 */
final class PlasticUpdates implements Optimizer {
  private final Oja rule;
  private final DeviceArray weights;

  /** Null unless descent and rule go together. */
  private final DeviceArray gradient;

  private final Optimizer others;
  private final Supplier<Pass> latest;

  /**
   * Updates of these parameters.
   *
   * @param latest the pass whose gradients an update follows
   */
  PlasticUpdates(
      Network network,
      Oja rule,
      OptimizerSpec spec,
      List<Parameter> parameters,
      Supplier<Pass> latest) {
    this.rule = rule;
    this.latest = latest;
    String name = check(network, rule);
    weights = network.arrays().get(name);
    boolean plain = spec instanceof Sgd sgd && sgd.momentum() == 0 && sgd.weightDecay() == 0;
    boolean trains = parameters.stream().anyMatch(p -> p.name().equals(name));
    gradient = plain && trains ? network.layers().get(0).arrays().gradientOf(name) : null;
    others =
        spec.create(
            gradient == null
                ? parameters
                : parameters.stream().filter(p -> !p.name().equals(name)).toList());
  }

  /**
   * Refuses a network without dense input weights that see numbers at every step.
   *
   * @return name of the weights
   */
  static String check(Network network, Oja rule) {
    String name = network.spec().names().get(0) + ".inputWeights";
    LayerSpec first = network.spec().layers().get(0);
    boolean sees = network.spec().input().flow().kind() == Flow.Kind.STEPS;
    if (!sees || !hasDenseInput(first)) {
      throw new IllegalArgumentException(
          "plasticity: expected a first layer .dense(...) or .rnn(...) with all its synapses, on"
              + " vectors (.sequence(n) or .bin(steps)), got ."
              + first.cell()
              + " with "
              + first.toMap()
              + " on "
              + network.spec().input().toMap()
              + ".");
    }
    rule.check(network.arrays().get(name).shape()[0]);
    return name;
  }

  private static boolean hasDenseInput(LayerSpec layer) {
    if (layer instanceof DenseCell.Spec dense) {
      return dense.input().isDense();
    }
    return layer instanceof RnnCell.Spec rnn && rnn.input().isDense();
  }

  @Override
  public void step(double factor) {
    others.step(factor);
    rule.apply(weights, gradient, others.rate() * factor, latest.get().inputSteps());
  }

  @Override
  public int steps() {
    return others.steps();
  }

  @Override
  public void steps(int steps) {
    others.steps(steps);
  }

  @Override
  public double rate() {
    return others.rate();
  }

  @Override
  public Map<String, DeviceArray> state() {
    return others.state();
  }

  @Override
  public void close() {
    others.close();
  }
}
