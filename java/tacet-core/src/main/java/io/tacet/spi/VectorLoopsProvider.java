package io.tacet.spi;

/** Service by which the java backend finds loops in vector instructions. */
public interface VectorLoopsProvider extends OptionalProvider {

  /** Opens them; called only when {@link #unavailable()} is empty. */
  VectorLoops open();
}
