package io.tacet.cuda.internal;

import io.tacet.cuda.DeviceInfo;
import java.util.List;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaError;

/** Checks once whether JCuda works on this machine. */
public final class JCudaProbe {
  private static final List<String> PLATFORMS = List.of("linux-x86_64", "windows-x86_64");

  private JCudaProbe() {}

  /** Every reason why it does not; empty if it does. */
  public static List<String> problems() {
    return Holder.PROBLEMS;
  }

  private static final class Holder {
    static final List<String> PROBLEMS = probe();
  }

  private static List<String> probe() {
    String platform = NativeLibrary.platform();
    if (!PLATFORMS.contains(platform)) {
      return List.of("JCuda has no natives for " + platform + ", only for " + PLATFORMS);
    }
    try {
      int[] count = new int[1];
      int[] answer = new int[1];
      JCudaNatives.load("JCudaRuntime", () -> answer[0] = JCuda.cudaGetDeviceCount(count));
      int code = answer[0];
      if (code == cudaError.cudaSuccess && count[0] > 0) {
        return List.of();
      }
      int[] driver = new int[1];
      int ignored = JCuda.cudaDriverGetVersion(driver);
      if (driver[0] == 0) {
        return List.of("JCuda finds no NVIDIA driver (libcuda.so.1)");
      }
      return List.of(
          "JCuda finds no usable GPU: "
              + cudaError.stringFor(code)
              + ", driver for CUDA "
              + DeviceInfo.version(driver[0])
              + (ignored == cudaError.cudaSuccess ? "" : " (version not certain)"));
    } catch (Throwable e) { // its loader throws errors of every kind
      String message = String.valueOf(e.getMessage());
      return List.of(
          "JCuda did not load: "
              + message.lines().findFirst().orElse("")
              + " ("
              + e.getClass().getName()
              + ")");
    }
  }
}
