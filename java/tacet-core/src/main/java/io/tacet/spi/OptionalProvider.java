package io.tacet.spi;

import java.util.List;

/**
 * Service by which the java backend finds something that it can do without. Constructing a provider
 * must be cheap and never fail.
 */
public interface OptionalProvider {

  /** Name by which users ask for it. */
  String name();

  /** What it is and its version, such as {@code OpenBLAS 0.3.31}. */
  String description();

  /** Every reason why it cannot run here, each a phrase without a final stop; empty if it can. */
  List<String> unavailable();

  /** Of several that can run, the one with the highest is taken. */
  default int preference() {
    return 0;
  }
}
