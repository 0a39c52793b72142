package io.tacet.training.tcp;

import java.io.IOException;

/** What another member has said of its failure. */
final class ReasonException extends IOException {
  private static final long serialVersionUID = 1L;

  ReasonException(String reason) {
    super(reason);
  }
}
