package io.tacet;

/**
 * A pass ended early because its thread was interrupted. The interrupt status of the thread stays
 * set. What the pass was writing - outputs, gradients, states - is undefined afterwards; arrays
 * still belong to whoever owned them, and the backend can be used again.
 *
 * <p>The java backend looks for interrupts while a pass runs, on all of its threads; the native
 * ones between passes.
 */
public final class InterruptedPassException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InterruptedPassException() {
    super("The pass was interrupted: its thread has been asked to stop (Thread.interrupt).");
  }

  /** Throws if the current thread has been interrupted; costs about a nanosecond. */
  public static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedPassException();
    }
  }
}
