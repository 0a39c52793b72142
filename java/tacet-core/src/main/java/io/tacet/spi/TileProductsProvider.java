package io.tacet.spi;

/** Service by which the java backend finds a library of dense products. */
public interface TileProductsProvider extends OptionalProvider {

  /**
   * Opens it; called only when {@link #unavailable()} is empty.
   *
   * @param workers number of threads that will call it at once
   */
  TileProducts open(int workers);
}
