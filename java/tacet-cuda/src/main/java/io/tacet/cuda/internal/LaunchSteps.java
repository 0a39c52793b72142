package io.tacet.cuda.internal;

/**
 * The property {@code tacet.launch.steps}: maximum number of steps per launch of a kernel that runs
 * many steps, which bounds its duration. A GPU that also drives a display kills kernels after a few
 * seconds, and no signal reaches a process that waits for one. Results do not depend on it.
 */
final class LaunchSteps {
  private static final String PROPERTY = "tacet.launch.steps";
  private static final int DEFAULT = 4096;

  private LaunchSteps() {}

  /**
   * Steps, at least 1.
   *
   * @throws IllegalArgumentException if the property says less
   */
  static int get() {
    int steps = Integer.getInteger(PROPERTY, DEFAULT);
    if (steps < 1) {
      throw new IllegalArgumentException(PROPERTY + ": expected at least 1, got " + steps + ".");
    }
    return steps;
  }
}
