package io.tacet.cuda;

import io.tacet.cuda.internal.Calls;
import io.tacet.cuda.internal.JCudaProbe;
import io.tacet.cuda.internal.NativeLibrary;
import io.tacet.cuda.internal.Tacet;
import java.util.ArrayList;
import java.util.List;

/** Why the native backends are unavailable: all reasons, not just the first. */
final class Availability {
  private static final String DEVICE = "tacet.device";

  private Availability() {}

  static List<String> host() {
    // What failed before another place worked is no reason.
    NativeLibrary library = NativeLibrary.get();
    return library.loaded() ? List.of() : library.problems();
  }

  /** The GPU named by {@code tacet.device}, valid or not. */
  static List<String> configuredCuda() {
    Integer device = Integer.getInteger(DEVICE);
    String property = System.getProperty(DEVICE);
    if (property != null && device == null) {
      List<String> reasons =
          new ArrayList<>(
              List.of(DEVICE + ": expected the CUDA ordinal of a GPU, got '" + property + "'"));
      reasons.addAll(cuda(0));
      return reasons;
    }
    return cuda(configuredDevice());
  }

  static int configuredDevice() {
    return Integer.getInteger(DEVICE, 0);
  }

  /** The GPU with a CUDA ordinal. */
  static List<String> cuda(int ordinal) {
    List<String> reasons = new ArrayList<>();
    NativeLibrary library = NativeLibrary.get();
    if (library.loaded()) {
      long[] context = new long[1];
      // Whether there is such a GPU and whether it runs our kernels shows at a context only.
      if (Tacet.tacet_context_create(Tacet.TACET_CUDA, ordinal, context) == Tacet.TACET_OK) {
        Calls.check(Tacet.tacet_context_destroy(context[0]));
      } else {
        reasons.add(
            Tacet.tacet_last_error()
                .replaceFirst("^tacet_context_create: ", "")
                .replaceFirst("^ordinal: ", DEVICE + ", the ordinal of the GPU: "));
      }
    } else {
      reasons.addAll(library.problems());
    }
    reasons.addAll(JCudaProbe.problems());
    return reasons;
  }
}
