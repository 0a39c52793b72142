package io.tacet.openblas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.dense.TileProductsConformance;
import io.tacet.memory.DType;
import io.tacet.reference.JavaBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenBlasTest extends TileProductsConformance {

  /** Shapes that the library leaves to Java, some of which are not large enough to ask it. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "3, 5, 7", "8, 3000, 300", "2000, 2000, 20"})
  void otherShapesAreComputedInJava(int m, int n, int k) {
    String before = System.getProperty("tacet.products");
    double[] with = product(2, DType.FLOAT32, false, false, m, n, k, 0);
    System.setProperty("tacet.products", "java");
    try {
      assertThat(product(2, DType.FLOAT32, false, false, m, n, k, 0)).isEqualTo(with);
    } finally {
      System.setProperty("tacet.products", before);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "AuthenticAMD, 26, avx2 avx512bw avx512_bf16, true, false",
    "AuthenticAMD, 25, avx2 avx512bw avx512_bf16, false, true",
    "AuthenticAMD, 26, avx2, false, false",
    "GenuineIntel, 26, avx2 avx512bw avx512_bf16, false, true"
  })
  void processorsThatOpenBlasDoesNotKnowAreRecognised(
      String vendor,
      int family,
      String flags,
      boolean unknown,
      boolean smallKernels,
      @TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("cpuinfo");
    Files.writeString(
        file,
        "processor\t: 0\nvendor_id\t: "
            + vendor
            + "\ncpu family\t: "
            + family
            + "\nmodel\t\t: 2\nflags\t\t: "
            + flags
            + "\n");
    assertThat(OpenBlasProvider.isUnknown(file)).isEqualTo(unknown);
    assertThat(OpenBlasProvider.isUnknown(folder.resolve("none"))).isFalse();
    assertThat(OpenBlasProvider.hasSmallKernels(null, file)).isEqualTo(smallKernels);
    assertThat(OpenBlasProvider.hasSmallKernels("SkylakeX", file)).isTrue();
    assertThat(OpenBlasProvider.hasSmallKernels("ZEN", file)).isFalse();
    assertThat(OpenBlasProvider.hasSmallKernels(null, folder.resolve("none"))).isFalse();
  }

  @Test
  void aLibraryThatIsNotThereIsRefused() {
    String before = System.getProperty("tacet.products");
    System.setProperty("tacet.products", "mkl");
    try {
      assertThatThrownBy(() -> new JavaBackend(1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tacet.products: expected one of [auto, java, openblas], got 'mkl'.");
    } finally {
      System.setProperty("tacet.products", before);
    }
  }
}
