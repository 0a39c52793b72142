package io.tacet.optim;

import io.tacet.memory.DeviceArray;
import java.util.List;
import java.util.Map;

/**
 * Updates parameters from their gradients, on the backend where they live. Owns its state arrays.
 * Created by an {@link OptimizerSpec}.
 */
public interface Optimizer extends AutoCloseable {
  /**
   * One update of all parameters; gradients are left as they are.
   *
   * @param factor factor of the schedule on the learning rate
   */
  void step(double factor);

  /**
   * The same, after which gradients are 0 where that comes for nothing: a GPU then needs no launch
   * for it.
   *
   * @param factor as of {@link #step}
   * @return whether the gradients of all its parameters are 0 now; else they are as they were
   */
  default boolean stepAndClear(double factor) {
    step(factor);
    return false;
  }

  /** Number of updates so far. */
  int steps();

  /** Sets the number of updates, when training resumes. */
  void steps(int steps);

  /** Learning rate of weights at a factor of 1. */
  double rate();

  /** The state a checkpoint has to keep, by name: that of a parameter, a dot, and what it is. */
  Map<String, DeviceArray> state();

  /** The state of one parameter, shaped like it, such as its moments. */
  default List<DeviceArray> state(String parameter) {
    return state().entrySet().stream()
        .filter(e -> e.getKey().substring(0, e.getKey().lastIndexOf('.')).equals(parameter))
        .map(Map.Entry::getValue)
        .toList();
  }

  @Override
  void close();

  /** The common backend of {@code parameters}. */
  static void check(List<Parameter> parameters) {
    for (Parameter p : parameters) {
      if (p.value().length() != p.gradient().length() || p.value().type() != p.gradient().type()) {
        throw new IllegalArgumentException(
            p.name() + ": expected a gradient like " + p.value() + ", got " + p.gradient() + ".");
      }
    }
  }
}
