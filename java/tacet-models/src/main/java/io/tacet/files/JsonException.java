package io.tacet.files;

import java.io.IOException;

/** Text that was to be JSON is not; the message says what is wrong and where. */
public final class JsonException extends IOException {
  private static final long serialVersionUID = 1L;

  public JsonException(String message, Throwable cause) {
    super(message, cause);
  }
}
