package io.tacet.cuda;

import io.tacet.Backends;
import io.tacet.cuda.internal.Cublas;
import io.tacet.cuda.internal.Factors;
import io.tacet.cuda.internal.JCudaProbe;
import io.tacet.cuda.internal.NativeLibrary;
import io.tacet.cuda.internal.NativeRuntime;
import io.tacet.cuda.internal.Tacet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Examines this machine: what is available, what is missing, why, and what to do about it. Holds no
 * resources and never throws; {@code tacet doctor} prints the findings.
 */
public final class Doctor {
  private static final int NEWEST_CUDA = 13000;

  private final List<Finding> findings = new ArrayList<>();

  private Doctor() {}

  /** Severity of a finding. */
  public enum Level {
    /** Works. */
    OK,
    /** Something optional is missing. */
    NOTE,
    /** Something that was requested or is partly installed does not work. */
    PROBLEM
  }

  /**
   * One line of the report.
   *
   * @param level severity
   * @param subject what was examined
   * @param detail what was found
   * @param advice what to do; empty if nothing
   */
  public record Finding(Level level, String subject, String detail, String advice) {}

  /** Runs all checks; takes up to a second, mostly for loading libraries. */
  public static List<Finding> examine() {
    Doctor doctor = new Doctor();
    doctor.virtualMachine();
    doctor.nativeLibrary();
    doctor.driver();
    doctor.jcuda();
    doctor.cublas();
    doctor.products();
    doctor.devices();
    doctor.backends();
    return List.copyOf(doctor.findings);
  }

  private void add(Level level, String subject, String detail, String advice) {
    findings.add(new Finding(level, subject, detail, advice));
  }

  private void virtualMachine() {
    Runtime.Version version = Runtime.version();
    add(
        version.feature() >= 17 ? Level.OK : Level.PROBLEM,
        "JVM",
        version + " (" + System.getProperty("java.vm.name") + ")",
        version.feature() >= 24
            ? "start with --enable-native-access=ALL-UNNAMED to silence the warning about natives"
            : "");
    add(
        Level.OK,
        "System",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + ", "
            + NativeLibrary.platform()
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " processors, heap up to "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MiB",
        "");
  }

  private void nativeLibrary() {
    NativeLibrary library = NativeLibrary.get();
    for (String problem : library.problems()) {
      add(
          library.loaded() ? Level.NOTE : Level.PROBLEM,
          "libtacet",
          problem,
          "build with g++ and cmake, or name a directory with -D"
              + NativeLibrary.PATH_PROPERTY
              + "=...");
    }
    if (library.loaded()) {
      add(
          Level.OK,
          "libtacet",
          "loaded from " + library.directory() + "; " + Tacet.tacet_build_info(),
          "");
    }
  }

  private void driver() {
    Path version = Path.of("/proc/driver/nvidia/version");
    if (Files.isReadable(version)) {
      try (var lines = Files.lines(version)) {
        add(Level.OK, "NVIDIA driver", lines.findFirst().orElse("present").strip(), "");
        return;
      } catch (java.io.IOException | java.io.UncheckedIOException e) {
        add(Level.NOTE, "NVIDIA driver", "cannot read " + version + ": " + e, "");
      }
    }
    add(
        Level.NOTE,
        "NVIDIA driver",
        "not found (" + version + " is not there)",
        "for the cuda backend install the NVIDIA driver; in a container start it with --gpus all");
  }

  private void jcuda() {
    List<String> problems = JCudaProbe.problems();
    problems.forEach(
        problem ->
            add(
                Level.NOTE,
                "JCuda",
                problem,
                "needed for the cuda backend only; if a file in "
                    + System.getProperty("java.io.tmpdir")
                    + " is blamed, delete it or choose another -Djava.io.tmpdir"));
    if (problems.isEmpty()) {
      add(Level.OK, "JCuda", "loaded", "");
    }
  }

  private void cublas() {
    if (!NativeLibrary.get().loaded()) {
      add(Level.NOTE, "cuBLAS", "not looked for: libtacet, which would load it, is not here", "");
    } else if (!Cublas.wanted()) {
      add(Level.OK, "cuBLAS", "not used, as -D" + Cublas.SWITCH_PROPERTY + "=false says", "");
    } else {
      try {
        add(Level.OK, "cuBLAS", workingCublas(), "");
      } catch (RuntimeException e) {
        add(Cublas.given() ? Level.PROBLEM : Level.NOTE, "cuBLAS", e.getMessage(), cublasAdvice());
      }
    }
  }

  /** One that works on the GPU, or, where there is none, one that loads. */
  private static String workingCublas() {
    if (!Availability.configuredCuda().isEmpty()) {
      return Cublas.find() + " loads";
    }
    try (NativeRuntime runtime = NativeRuntime.cuda(Availability.configuredDevice())) {
      return Cublas.find(runtime) + " multiplies on the GPU";
    }
  }

  private static String cublasAdvice() {
    return Cublas.given()
        ? "there will be no dense products on the GPU: correct the path or leave it out"
        : "dense products on the GPU then use a kernel of libtacet, which is slower; to use cuBLAS"
            + " install libcublas of CUDA 13 or 12 (also by pip: nvidia-cublas), or name its file"
            + " or folder with -D"
            + Cublas.PATH_PROPERTY
            + "=...";
  }

  /** Only where something else than the default was chosen. */
  private void products() {
    if (System.getProperty(Factors.PROPERTY) == null || !NativeLibrary.get().loaded()) {
      return;
    }
    String subject = "dense products";
    try {
      Factors factors = Factors.chosen();
      String by = factors == Factors.FLOAT32 ? "" : ", by the kernel of libtacet, not by cuBLAS";
      add(Level.OK, subject, "factors are " + factors.text() + by, "");
    } catch (IllegalArgumentException e) {
      add(Level.PROBLEM, subject, e.getMessage(), "correct the property or leave it out");
    }
  }

  private void devices() {
    if (!NativeLibrary.get().loaded()) {
      return;
    }
    long[] count = new long[1];
    if (Tacet.tacet_device_count(Tacet.TACET_CUDA, count) != Tacet.TACET_OK) {
      add(
          Level.NOTE,
          "GPU",
          Tacet.tacet_last_error().replaceFirst("^tacet_device_count: ", ""),
          "");
      return;
    }
    for (int i = 0; i < count[0]; i++) {
      try (NativeRuntime runtime = NativeRuntime.cuda(i)) {
        DeviceInfo info = runtime.info();
        add(
            Level.OK,
            "GPU " + i,
            info
                + ", driver for CUDA "
                + DeviceInfo.version(info.driverVersion())
                + ", runtime "
                + DeviceInfo.version(info.runtimeVersion()),
            info.driverVersion() < NEWEST_CUDA
                ? "the driver is older than CUDA 13: kernels run only if compiled for this GPU"
                : "");
      } catch (RuntimeException e) {
        add(
            Level.PROBLEM,
            "GPU " + i,
            e.toString(),
            "GPUs older than sm_75 are not supported; for others try nvidia-smi, or restart");
      }
    }
  }

  private void backends() {
    for (Backends.Availability backend : Backends.all()) {
      add(
          backend.available() ? Level.OK : Level.NOTE,
          "Backend " + backend.name(),
          backend.available() ? "available" : String.join("; ", backend.reasons()),
          "");
    }
  }
}
