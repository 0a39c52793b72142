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

  /** Number of updates so far. */
  int steps();

  /** Sets the number of updates, when training resumes. */
  void steps(int steps);

  /** The state a checkpoint has to keep, by name. */
  Map<String, DeviceArray> state();

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
