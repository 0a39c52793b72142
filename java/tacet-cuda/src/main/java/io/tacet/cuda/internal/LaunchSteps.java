package io.tacet.cuda.internal;

/**
 * The property {@code tacet.launch.steps}: most steps of one launch of a kernel that runs many of
 * them, which bounds how long it takes. A GPU that also drives a display ends kernels of a few
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
