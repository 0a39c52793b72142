package io.tacet;

/**
 * A pass ended early because its thread was interrupted. The interrupt status of the thread stays
 * set. What the pass was writing - outputs, gradients, states - is undefined afterwards; ownership
 * of arrays is unchanged, and the backend remains usable.
 *
 * <p>The java backend checks for interrupts during a pass, on all of its threads; the native
 * backends check between passes.
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
