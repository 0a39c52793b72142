package io.tacet.spi;

import io.tacet.Backend;
import java.util.List;

/** Service by which a backend is found. Constructing a provider must be cheap and never fail. */
public interface BackendProvider {

  /** Name by which users ask for it. */
  String name();

  /** Order in which backends are tried; smaller first. */
  int rank();

  /** Whether {@link io.tacet.Backends#best()} may choose it. */
  boolean preferred();

  /** Every reason why it cannot run here, each a phrase without a final stop; empty if it can. */
  List<String> unavailable();

  /** Opens it; called only when {@link #unavailable()} is empty. */
  Backend open();

  /** Opens it with a number of threads, at least 1, where it computes by threads of the CPU. */
  default Backend open(int threads) {
    return open();
  }
}
