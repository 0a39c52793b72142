package io.tacet.cuda.internal;

import io.tacet.cuda.CudaException;
import io.tacet.cuda.CudaFatalException;
import io.tacet.cuda.KernelMisuseException;

/** Turns the statuses of the C ABI into exceptions. */
public final class Calls {
  private Calls() {}

  /** Throws the exception for a status that is not OK. */
  public static void check(int status) {
    if (status != Tacet.TACET_OK) {
      throw failure(status);
    }
  }

  /** Whether a CUDA runtime error code is sticky, that is, persists until the process ends. */
  static boolean isSticky(int code) {
    long[] sticky = new long[1];
    check(Tacet.tacet_is_sticky(code, sticky));
    return sticky[0] != 0;
  }

  /** The exception for what the last failing call of this thread gave. */
  static RuntimeException failure(int status) {
    String message = Tacet.tacet_last_error();
    return switch (status) {
      case Tacet.TACET_INVALID_ARGUMENT -> new IllegalArgumentException(message);
      case Tacet.TACET_FATAL -> new CudaFatalException(message);
      case Tacet.TACET_MISUSE -> new KernelMisuseException(message);
      default -> new CudaException(message);
    };
  }
}
