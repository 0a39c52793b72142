package io.tacet.optim;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    if (!(rate > 0) || !(momentum >= 0 && momentum < 1) || !(weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "rate, momentum, weightDecay: expected > 0, [0,1), >= 0, got "
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
  public Optimizer create(List<Parameter> parameters) {
    return new Running(this, parameters);
  }

  private static final class Running implements Optimizer {
    private final Sgd settings;
    private final List<Parameter> parameters;
    private final Resources resources = new Resources();
    private final Map<String, DeviceArray> state = new LinkedHashMap<>();
    private int steps;

    Running(Sgd settings, List<Parameter> parameters) {
      Optimizer.check(parameters);
      this.settings = settings;
      this.parameters = List.copyOf(parameters);
      if (settings.momentum > 0) {
        try {
          for (Parameter p : parameters) {
            DeviceArray v = p.value();
            state.put(p.name() + ".u", resources.own(v.backend().allocate(v.type(), v.shape())));
          }
        } catch (RuntimeException | Error e) {
          resources.close();
          throw e;
        }
      }
    }

    @Override
    public void step(double factor) {
      steps++;
      for (Parameter p : parameters) {
        var kernels = p.value().backend().kernels().optimizer();
        kernels.sgd(
            p.value(),
            p.gradient(),
            state.get(p.name() + ".u"),
            settings.rate * factor * p.rateScale(),
            settings.momentum,
            p.decays() ? settings.weightDecay : 0);
        if (p.isBounded()) {
          kernels.clamp(p.value(), p.low(), p.high());
        }
      }
    }

    @Override
    public int steps() {
      return steps;
    }

    @Override
    public void steps(int steps) {
      this.steps = steps;
    }

    @Override
    public Map<String, DeviceArray> state() {
      return state;
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
