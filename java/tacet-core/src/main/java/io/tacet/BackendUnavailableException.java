package io.tacet;

import java.util.List;

/**
 * A backend was requested by name and cannot run on this machine; the message lists the reasons.
 */
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

  /** All reasons, in the order in which they were found. */
  public List<String> reasons() {
    return reasons;
  }
}
