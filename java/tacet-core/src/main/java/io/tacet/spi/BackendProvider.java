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

  /**
   * Opens it on the device with a number, whatever {@link #unavailable()} says of another.
   *
   * @throws IllegalArgumentException if it does not compute on devices with numbers
   * @throws io.tacet.BackendUnavailableException if it cannot run on this one, with all the reasons
   */
  default Backend openDevice(int ordinal) {
    throw new IllegalArgumentException(
        "backend: expected '"
            + name()
            + "', which has no numbered devices, got '"
            + name()
            + ":"
            + ordinal
            + "'.");
  }

  /** Opens it with a number of threads, at least 1, where it computes by threads of the CPU. */
  default Backend open(int threads) {
    return open();
  }
}
