package io.tacet.optim;

import io.tacet.spi.OptimizerKernels;
import io.tacet.spi.OptimizerKernels.Update;
import java.util.List;

/**
 * Gradient descent with momentum: {@code u = momentum u + g + weightDecay w; w -= rate u}.
 *
 * @param rate initial learning rate, positive
 * @param momentum [0, 1)
 * @param weightDecay at least 0
 * @param schedule learning rate over training
 */
public record Sgd(double rate, double momentum, double weightDecay, Schedule schedule)
    implements OptimizerSpec {

  public Sgd {
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)
        || !(momentum >= 0 && momentum < 1)
        || !(weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "rate, momentum, weightDecay: expected > 0, [0,1), >= 0, all finite, got "
              + rate
              + ", "
              + momentum
              + ", "
              + weightDecay
              + ".");
    }
  }

  /** Plain gradient descent with a constant rate. */
  public static Sgd rate(double rate) {
    return new Sgd(rate, 0, 0, Schedule.constant());
  }

  public Sgd momentum(double momentum) {
    return new Sgd(rate, momentum, weightDecay, schedule);
  }

  public Sgd weightDecay(double weightDecay) {
    return new Sgd(rate, momentum, weightDecay, schedule);
  }

  public Sgd schedule(Schedule schedule) {
    return new Sgd(rate, momentum, weightDecay, schedule);
  }

  @Override
  public int moments() {
    return momentum > 0 ? 1 : 0;
  }

  @Override
  public Optimizer create(List<Parameter> parameters) {
    return new Running(this, parameters);
  }

  private static final class Running extends RunningOptimizer {
    private final double momentum;

    Running(Sgd spec, List<Parameter> parameters) {
      super(
          spec.rate,
          spec.weightDecay,
          parameters,
          spec.momentum > 0 ? new String[] {".u"} : new String[0]);
      momentum = spec.momentum;
    }

    @Override
    void update(OptimizerKernels kernels, List<Update> updates, double factor) {
      kernels.sgd(updates, momentum, factor);
    }
  }
}
