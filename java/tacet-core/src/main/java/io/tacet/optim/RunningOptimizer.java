package io.tacet.optim;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.spi.OptimizerKernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Common parts of optimisers: state arrays shaped like the parameters, and the sequence of a step.
 */
abstract class RunningOptimizer implements Optimizer {
  private final double rate;
  private final List<Parameter> parameters;
  private final Resources resources = new Resources();
  private final Map<String, DeviceArray> state = new LinkedHashMap<>();
  private int steps;

  /**
   * @param rate learning rate before schedule and scale
   * @param kinds suffixes of the state arrays that each parameter needs, such as ".m"
   */
  RunningOptimizer(double rate, List<Parameter> parameters, String... kinds) {
    Optimizer.check(parameters);
    this.rate = rate;
    this.parameters = List.copyOf(parameters);
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
  }

  /**
   * Updates one parameter; bounds are kept afterwards.
   *
   * @param rate learning rate of the parameter
   */
  abstract void update(OptimizerKernels kernels, Parameter p, double rate);

  /** A state array of a parameter; null if it has none of that kind. */
  final DeviceArray state(Parameter p, String kind) {
    return state.get(p.name() + kind);
  }

  @Override
  public final void step(double factor) {
    steps++;
    for (Parameter p : parameters) {
      OptimizerKernels kernels = p.value().backend().kernels().optimizer();
      update(kernels, p, rate * factor * p.rateScale());
      if (p.isBounded()) {
        kernels.clamp(p.value(), p.low(), p.high());
      }
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
