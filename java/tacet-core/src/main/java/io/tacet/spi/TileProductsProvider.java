package io.tacet.spi;

/** Service by which the java backend finds a library of dense products. */
public interface TileProductsProvider extends OptionalProvider {

  /** The same as {@link #preference}, for products with a matrix that is kept. */
  default int preferenceForKept() {
    return preference();
  }

  /**
   * Opens it; called only when {@link #unavailable()} is empty.
   *
   * @param workers number of threads that will call it at once
   */
  TileProducts open(int workers);
}
