package io.tacet.cuda.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tacet.Backend;
import io.tacet.BackendUnavailableException;
import io.tacet.Backends;
import io.tacet.cuda.Doctor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What people see whose NVIDIA driver is old, sees no GPU or does not start, with a library that
 * pretends to be such a driver: the cuda backend says why it is not there and what to do, the
 * doctor too, and the best backend is the java one.
 */
@Tag("native")
class BrokenDriverTest {
  private static final Path SOURCE = Path.of("../../native/test/fake_driver.cpp");

  @TempDir private static Path folder;

  @BeforeAll
  static void makeDriver() throws IOException, InterruptedException {
    assumeTrue(Files.exists(SOURCE), "the source of the driver is not at " + SOURCE);
    assumeTrue(NativeLibrary.get().loaded(), "there is no libtacet");
    assumeFalse(
        Tacet.tacet_build_info().contains("without CUDA"), "libtacet was built without CUDA");
    Process compiler =
        new ProcessBuilder(
                "g++",
                "-shared",
                "-fPIC",
                "-o",
                folder.resolve("libcuda.so.1").toString(),
                SOURCE.toString(),
                "-ldl")
            .inheritIO()
            .start();
    assertThat(compiler.waitFor()).isZero();
  }

  /** Prints what a user sees; run in a JVM of its own, since a driver is loaded once. */
  public static void main(String[] args) {
    Doctor.examine()
        .forEach(
            finding ->
                System.out.println(
                    "doctor "
                        + finding.subject()
                        + ": "
                        + finding.detail()
                        + " -> "
                        + finding.advice()));
    try (Backend cuda = Backends.open("cuda")) {
      System.out.println("opened " + cuda.name());
    } catch (BackendUnavailableException e) {
      System.out.println("refused " + e.getMessage().replace('\n', ' '));
    }
    try (Backend best = Backends.best()) {
      System.out.println("best " + best.name());
    }
  }

  /** What is printed with a driver of this environment. */
  private static String seen(String... environment) throws IOException, InterruptedException {
    Map<String, String> all = new HashMap<>();
    all.put("LD_LIBRARY_PATH", folder.toString());
    for (int k = 0; k < environment.length; k += 2) {
      all.put(environment[k], environment[k + 1]);
    }
    String printed = NewJvm.run(all, List.of(), BrokenDriverTest.class);
    assertThat(printed).contains("best java").doesNotContain("opened cuda", "\tat ");
    return printed;
  }

  private static String line(String printed, String beginning) {
    return printed.lines().filter(text -> text.startsWith(beginning)).findFirst().orElse("");
  }

  private static void says(String printed, String... parts) {
    assertThat(line(printed, "refused")).contains(parts);
    assertThat(line(printed, "doctor GPU")).contains(parts[0]);
  }

  @Test
  void anOldDriverIsNamedWithItsVersionAndTheOneNeeded() throws Exception {
    says(
        seen("FAKE_DRIVER_VERSION", "11040"),
        "the NVIDIA driver is for CUDA 11.4 and this library needs CUDA",
        "cudaErrorInsufficientDriver",
        "install a newer NVIDIA driver");
  }

  @Test
  void aDriverWithoutGpuSaysWhereToLook() throws Exception {
    says(
        seen("FAKE_DRIVER_FAILS", "cuInit", "FAKE_DRIVER_CODE", "100"),
        "reports no GPU",
        "CUDA_VISIBLE_DEVICES",
        "cudaErrorNoDevice");
  }

  @Test
  void aDriverThatRunsOutOfMemoryAtItsStartSaysSo() throws Exception {
    says(
        seen("FAKE_DRIVER_FAILS", "cuInit", "FAKE_DRIVER_CODE", "2"),
        "out of memory",
        "close other programs");
  }

  @Test
  void aGpuWithAnErrorThatStaysAsksForARestart() throws Exception {
    says(
        seen("FAKE_DRIVER_FAILS", "cuInit", "FAKE_DRIVER_CODE", "719"),
        "error that stays",
        "nvidia-smi");
  }

  @Test
  void aDriverWhoseModuleIsOfAnotherVersionAsksForAReboot() throws Exception {
    says(
        seen("FAKE_DRIVER_FAILS", "cuInit", "FAKE_DRIVER_CODE", "803"),
        "do not belong together",
        "restart the machine");
  }

  @Test
  void aDriverThatIsNoneIsNamed() throws Exception {
    says(
        seen("FAKE_DRIVER_FAILS", "cuDriverGetVersion", "FAKE_DRIVER_CODE", "34"),
        "stub",
        "cudaErrorStubLibrary");
  }
}
