package io.tacet;

import java.util.List;

/** A backend was asked for by name and cannot run on this machine; the message lists why. */
public class BackendUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> reasons;

  public BackendUnavailableException(String backend, List<String> reasons) {
    super(
        "The "
            + backend
            + " backend is not available: "
            + String.join("; ", reasons)
            + ". Run 'tacet doctor' for details, or use the java backend, which runs everywhere.");
    this.reasons = List.copyOf(reasons);
  }

  /** Every reason found, in the order they were met. */
  public List<String> reasons() {
    return reasons;
  }
}
