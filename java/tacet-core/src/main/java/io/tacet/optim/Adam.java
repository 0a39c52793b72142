package io.tacet.optim;

import io.tacet.spi.OptimizerKernels;
import io.tacet.spi.OptimizerKernels.AdamSettings;
import io.tacet.spi.OptimizerKernels.Update;
import java.util.List;

/**
 * Adam (Kingma and Ba 2015); with a weight decay it is AdamW (Loshchilov and Hutter 2019), which
 * never decays thresholds, time constants or delays.
 *
 * @param rate initial learning rate, positive
 * @param beta1 decay of the first moment, [0, 1)
 * @param beta2 decay of the second moment, [0, 1)
 * @param epsilon positive
 * @param weightDecay decoupled weight decay per unit of learning rate, at least 0
 * @param clip each element of the gradient is brought into [-clip, clip] first, so that the huge
 *     gradient of a spike that barely reached the threshold does not distort the moments for long;
 *     infinity for none
 * @param schedule learning rate over training
 */
public record Adam(
    double rate,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double clip,
    Schedule schedule)
    implements OptimizerSpec {

  public Adam {
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)
        || !(beta1 >= 0 && beta1 < 1)
        || !(beta2 >= 0 && beta2 < 1)
        || !(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)
        || !(weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY)
        || !(clip > 0)) {
      throw new IllegalArgumentException(
          "rate, beta1, beta2, epsilon, weightDecay, clip: expected > 0, [0,1), [0,1), > 0, >= 0, >"
              + " 0, all but clip finite, got "
              + rate
              + ", "
              + beta1
              + ", "
              + beta2
              + ", "
              + epsilon
              + ", "
              + weightDecay
              + ", "
              + clip
              + ".");
    }
  }

  /** Adam with the default constants 0.9, 0.999, 1e-8 and a constant rate. */
  public static Adam rate(double rate) {
    return new Adam(rate, 0.9, 0.999, 1e-8, 0, Double.POSITIVE_INFINITY, Schedule.constant());
  }

  /** The rate is multiplied by {@code decay} after each epoch. */
  public Adam decay(double decay) {
    return schedule(Schedule.exponential(decay));
  }

  public Adam schedule(Schedule schedule) {
    return new Adam(rate, beta1, beta2, epsilon, weightDecay, clip, schedule);
  }

  /** Decoupled weight decay: AdamW. */
  public Adam weightDecay(double weightDecay) {
    return new Adam(rate, beta1, beta2, epsilon, weightDecay, clip, schedule);
  }

  /** Each element of the gradient is brought into [-clip, clip] before the update. */
  public Adam clip(double clip) {
    return new Adam(rate, beta1, beta2, epsilon, weightDecay, clip, schedule);
  }

  @Override
  public int moments() {
    return 2;
  }

  @Override
  public Optimizer create(List<Parameter> parameters) {
    return new Running(this, parameters);
  }

  private static final class Running extends RunningOptimizer {
    private final AdamSettings settings;

    Running(Adam spec, List<Parameter> parameters) {
      super(spec.rate, spec.weightDecay, parameters, ".m", ".v");
      settings = new AdamSettings(spec.beta1, spec.beta2, spec.epsilon, spec.clip);
    }

    @Override
    void update(OptimizerKernels kernels, List<Update> updates, double factor) {
      kernels.adam(updates, settings, factor, steps());
    }
  }
}
