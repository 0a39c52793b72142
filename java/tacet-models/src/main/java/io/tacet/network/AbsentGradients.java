package io.tacet.network;

import io.tacet.rewire.GradientFactors;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Where the backward pass of a layer shows what the gradients of its synapses are made of, so that
 * those of absent ones can be looked at: only when somebody wants it, and once.
 */
public final class AbsentGradients {
  /** Null where nobody wants them. */
  private Consumer<GradientFactors> reader;

  /**
   * Wants those of the next backward pass.
   *
   * @param next reads them at once, since the pass goes on to change them
   */
  public void want(Consumer<GradientFactors> next) {
    reader = Objects.requireNonNull(next, "next");
  }

  /** Wants them no longer. */
  public void leave() {
    reader = null;
  }

  /** Whether somebody wants them. */
  public boolean areWanted() {
    return reader != null;
  }

  /** Shows them to who wants them. */
  public void show(GradientFactors factors) {
    Consumer<GradientFactors> last = reader;
    reader = null;
    last.accept(factors);
  }
}
