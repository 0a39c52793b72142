package io.tacet.cuda.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tacet.Backend;
import io.tacet.Thorough;
import io.tacet.cuda.Doctor;
import io.tacet.cuda.HostExecution;
import io.tacet.cuda.Interop;
import io.tacet.cuda.NativeBackend;
import io.tacet.cuda.TestBackends;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaStream_t;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Java says of cuBLAS and does with it, with libraries that only pretend to be it, so that no
 * GPU is needed; {@code native/test/cublas_test.cpp} has the search itself.
 */
@Tag("native")
class CublasTest {
  private static final Path SOURCES = Path.of("../../native/test");

  @TempDir static Path folder;

  @BeforeAll
  static void makeLibraries() throws IOException, InterruptedException {
    assumeTrue(
        Files.exists(SOURCES.resolve("fake_cublas.cpp")),
        "the sources of the libraries that pretend to be cuBLAS are not at " + SOURCES);
    for (String version : List.of("12", "13")) {
      Path to = Files.createDirectory(folder.resolve(version));
      compile("-DFAKE_VERSION=" + version, "fake_cublas_lt.cpp", to, "libcublasLt.so." + version);
      compile(
          to.resolve("libcublasLt.so." + version).toString(),
          "fake_cublas.cpp",
          to,
          "libcublas.so." + version);
    }
  }

  private static void compile(String option, String source, Path to, String name)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "g++",
                "-shared",
                "-fPIC",
                "-Wl,--default-symver",
                "-Wl,-soname," + name,
                SOURCES.resolve(source).toString(),
                option,
                "-o",
                to.resolve(name).toString())
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
  }

  /** Prints what the doctor finds about cuBLAS, or the products by a JCublas handle. */
  public static void main(String[] arguments) {
    if (arguments[0].equals("doctor")) {
      Doctor.examine().stream()
          .filter(finding -> finding.subject().equals("cuBLAS"))
          .forEach(System.out::println);
    } else {
      multiplyByAHandle();
    }
  }

  private static String doctor(Map<String, String> environment, String... options)
      throws IOException, InterruptedException {
    return NewJvm.run(environment, List.of(options), CublasTest.class, "doctor");
  }

  private static String given(Path path) {
    return "-D" + Cublas.PATH_PROPERTY + "=" + path;
  }

  @Test
  @Thorough
  void theDoctorNamesVersionAndFileOfWhatMultiplies() throws Exception {
    for (String version : List.of("12", "13")) {
      Path file = folder.resolve(version).resolve("libcublas.so." + version);
      assertThat(doctor(Map.of(), given(file)))
          .contains("level=OK", "cuBLAS " + version + ".7.2 (" + file + ")");
      assertThat(doctor(Map.of(), given(file.getParent()))).contains("level=OK", file.toString());
      assertThat(doctor(Map.of("LD_LIBRARY_PATH", file.getParent().toString())))
          .contains("level=OK", "cuBLAS " + version + ".7.2 (" + file + ")");
    }
  }

  @Test
  void aGivenPathThatDoesNotWorkIsAProblemAlsoWhereAnotherWouldWork() throws Exception {
    Map<String, String> loader = Map.of("LD_LIBRARY_PATH", folder.resolve("13").toString());
    Path nowhere = folder.resolve("nowhere");
    assertThat(doctor(loader, given(nowhere)))
        .contains("level=PROBLEM", "tacet.cublas.path: no cuBLAS works here; tried " + nowhere)
        .contains("there is no such file or folder", "correct the path or leave it out");
    Path text = Files.writeString(folder.resolve("text.so"), ".".repeat(100));
    assertThat(doctor(loader, given(text))).contains("level=PROBLEM", "invalid ELF header");
  }

  @Test
  void cublasThatIsSwitchedOffIsNotLookedFor() throws Exception {
    assertThat(doctor(Map.of(), given(folder.resolve("nowhere")), "-Dtacet.cublas=false"))
        .contains("level=OK", "not used, as -Dtacet.cublas=false says");
  }

  @Test
  void hostExecutionNeverUsesIt() {
    System.setProperty(Cublas.PATH_PROPERTY, folder.resolve("nowhere").toString());
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT)) {
      assertThat(productOfTwos(host)).containsExactly(4);
      assertThat(host.denseProducts()).isEqualTo("the kernel of libtacet");
      assertThat(Tacet.tacet_cublas_create(host.context(), null, 0, new long[1]))
          .isEqualTo(Tacet.TACET_INVALID_ARGUMENT);
      assertThat(Tacet.tacet_last_error()).contains("expected a TACET_CUDA context");
      assertThatThrownBy(() -> Interop.multiplyBy(host, new cublasHandle()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("backend: expected one on a GPU, got 'host'.");
    } finally {
      System.clearProperty(Cublas.PATH_PROPERTY);
    }
  }

  @Test
  void aJCublasHandleMultipliesInEveryOrder() throws Exception {
    String output =
        NewJvm.run(
            Map.of("LD_LIBRARY_PATH", folder.resolve("12").toString()),
            List.of(),
            CublasTest.class,
            "jcublas");
    assertThat(output)
        .contains("cuBLAS 12.7.2 (a JCublas handle of the application)")
        .contains("expected one on the stream of the backend, 0x5, got 0x0")
        .contains("8 products are right");
  }

  @Test
  void aHandleOfTheCallerMultipliesOnAGpuAndStaysTheCallers() {
    TestBackends.cuda().close();
    cublasHandle handle = new cublasHandle();
    try {
      JCublas2.cublasCreate(handle);
    } catch (UnsatisfiedLinkError e) {
      throw TestBackends.missing(e);
    }
    cudaStream_t stream = new cudaStream_t();
    JCuda.cudaStreamCreate(stream);
    JCublas2.cublasSetStream(handle, stream);
    for (int k = 0; k < 2; k++) {
      try (NativeBackend backend = NativeBackend.cuda(0, stream)) {
        Interop.multiplyBy(backend, handle);
        assertThat(backend.denseProducts()).contains("a JCublas handle of the application");
        assertThat(productOfTwos(backend)).containsExactly(4);
      }
    }
    JCublas2.cublasDestroy(handle);
    JCuda.cudaStreamDestroy(stream);
  }

  private static float[] productOfTwos(Backend backend) {
    try (Resources own = new Resources()) {
      DeviceArray two = own.own(backend.allocate(DType.FLOAT32, 1, 1)).copyFrom(new float[] {2});
      DeviceArray product = own.own(backend.allocate(DType.FLOAT32, 1, 1));
      Dense.multiply(two, two, false, product);
      return product.toFloats();
    }
  }

  private static void multiplyByAHandle() {
    cublasHandle handle = new cublasHandle();
    JCublas2.cublasCreate(handle);
    try {
      JCublasGemm.of(Runnable::run, handle, 5);
    } catch (IllegalArgumentException e) {
      System.out.println(e.getMessage());
    }
    JCublasGemm callers = JCublasGemm.of(Runnable::run, handle, 0);
    System.out.println(callers.description());
    int right = 0;
    try (NativeBackend host = NativeBackend.host(HostExecution.DEFAULT)) {
      for (int order = 0; order < 8; order++) {
        right += sameAsTheBackend(host, callers, order) ? 1 : 0;
      }
    }
    System.out.println(right + " products are right");
  }

  private static boolean sameAsTheBackend(Backend backend, Gemm gemm, int order) {
    int m = 3;
    int n = 5;
    int k = 4;
    // Products of several replicas are another function of cuBLAS.
    int replicas = order % 3 == 0 ? 2 : 1;
    SplittableRandom random = new SplittableRandom(order);
    try (Resources own = new Resources()) {
      DeviceArray a = random(backend, own, random, replicas * m * k);
      DeviceArray b = random(backend, own, random, replicas * k * n);
      DeviceArray c = random(backend, own, random, replicas * m * n);
      DeviceArray expected = own.own(backend.allocate(DType.FLOAT32, replicas, m, n));
      expected.copyFrom(c.toFloats());
      boolean transposeA = (order & 1) != 0;
      boolean transposeB = (order & 2) != 0;
      gemm.multiply(replicas, transposeA, transposeB, m, n, k, a, b, order >> 2, c);
      backend
          .kernels()
          .dense()
          .multiply(replicas, transposeA, transposeB, m, n, k, a, b, order >> 2, expected);
      double[] found = c.toDoubles();
      double[] right = expected.toDoubles();
      for (int i = 0; i < found.length; i++) {
        if (Math.abs(found[i] - right[i]) > 1e-5) {
          System.out.println(order + ": " + Arrays.toString(found) + Arrays.toString(right));
          return false;
        }
      }
      return true;
    }
  }

  private static DeviceArray random(
      Backend backend, Resources own, SplittableRandom random, int length) {
    DeviceArray array = own.own(backend.allocate(DType.FLOAT32, length));
    return array.copyFrom(random.doubles(length, -1, 1).toArray());
  }
}
