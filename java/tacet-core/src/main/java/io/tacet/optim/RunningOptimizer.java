package io.tacet.optim;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.spi.OptimizerKernels;
import io.tacet.spi.OptimizerKernels.Update;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Common parts of optimisers: state arrays shaped like the parameters, and the sequence of a step.
 */
abstract class RunningOptimizer implements Optimizer {
  private final double rate;
  private final List<Update> updates;
  private final List<Update> clearing;
  private final Resources resources = new Resources();
  private final Map<String, DeviceArray> state = new LinkedHashMap<>();
  private int steps;

  /**
   * @param rate learning rate before schedule and scale
   * @param weightDecay of the parameters that decay
   * @param kinds suffixes of the state arrays that each parameter needs, such as ".m"; at most two
   */
  RunningOptimizer(double rate, double weightDecay, List<Parameter> parameters, String... kinds) {
    Optimizer.check(parameters);
    this.rate = rate;
    try {
      for (Parameter p : parameters) {
        for (String kind : kinds) {
          DeviceArray v = p.value();
          state.put(p.name() + kind, resources.own(v.backend().allocate(v.type(), v.shape())));
        }
      }
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
    updates = parameters.stream().map(p -> update(p, weightDecay, kinds)).toList();
    clearing = updates.stream().map(Update::clearing).toList();
  }

  private Update update(Parameter p, double weightDecay, String... kinds) {
    return new Update(
        p.value(),
        p.gradient(),
        kinds.length > 0 ? state.get(p.name() + kinds[0]) : null,
        kinds.length > 1 ? state.get(p.name() + kinds[1]) : null,
        rate * p.rateScale(),
        p.decays() ? weightDecay : 0,
        p.low(),
        p.high());
  }

  /**
   * Updates all parameters and keeps them in their bounds.
   *
   * @param factor on the learning rates
   */
  abstract void update(OptimizerKernels kernels, List<Update> all, double factor);

  @Override
  public final void step(double factor) {
    step(updates, factor);
  }

  @Override
  public final boolean stepAndClear(double factor) {
    step(clearing, factor);
    return true;
  }

  private void step(List<Update> all, double factor) {
    steps++;
    if (!all.isEmpty()) {
      update(all.get(0).parameter().backend().kernels().optimizer(), all, factor);
    }
  }

  @Override
  public final int steps() {
    return steps;
  }

  @Override
  public final void steps(int steps) {
    this.steps = steps;
  }

  @Override
  public final double rate() {
    return rate;
  }

  @Override
  public final Map<String, DeviceArray> state() {
    return state;
  }

  @Override
  public final void close() {
    resources.close();
  }
}
