package io.tacet.spi;

import java.util.List;

/**
 * Service by which the java backend finds a library of dense products. Constructing a provider must
 * be cheap and never fail.
 */
public interface TileProductsProvider {

  /** Name by which users ask for it. */
  String name();

  /** The library and its version, such as {@code OpenBLAS 0.3.31}. */
  String description();

  /** Every reason why it cannot run here, each a phrase without a final stop; empty if it can. */
  List<String> unavailable();

  /**
   * Opens it; called only when {@link #unavailable()} is empty.
   *
   * @param workers number of threads that will call it at once
   */
  TileProducts open(int workers);
}
