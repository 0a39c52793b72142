package io.tacet.optim;

import java.util.List;

/** A recipe for an optimiser: settings and schedule, without parameters. */
public interface OptimizerSpec {
  /** An optimiser with zeroed moments; the caller closes it. */
  Optimizer create(List<Parameter> parameters);

  /** Numbers that the optimiser keeps of each trained one. */
  int moments();

  /** How the learning rate changes over training. */
  Schedule schedule();
}
