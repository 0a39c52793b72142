package io.tacet.cuda;

import io.tacet.cuda.internal.JCudaProbe;
import io.tacet.cuda.internal.NativeLibrary;
import io.tacet.cuda.internal.Tacet;
import java.util.ArrayList;
import java.util.List;

/** Why the native backends cannot run here: every reason, not only the first. */
final class Availability {
  private Availability() {}

  static List<String> host() {
    // What failed before another place worked is no reason.
    NativeLibrary library = NativeLibrary.get();
    return library.loaded() ? List.of() : library.problems();
  }

  static List<String> cuda() {
    List<String> reasons = new ArrayList<>();
    NativeLibrary library = NativeLibrary.get();
    if (library.loaded()) {
      if (Tacet.tacet_device_count(Tacet.TACET_CUDA, new long[1]) != Tacet.TACET_OK) {
        reasons.add(Tacet.tacet_last_error().replaceFirst("^tacet_device_count: ", ""));
      }
    } else {
      reasons.addAll(library.problems());
    }
    reasons.addAll(JCudaProbe.problems());
    return reasons;
  }
}
