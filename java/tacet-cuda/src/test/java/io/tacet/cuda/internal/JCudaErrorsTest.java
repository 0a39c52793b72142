package io.tacet.cuda.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.cuda.CudaException;
import io.tacet.cuda.CudaFatalException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Codes of JCuda become exceptions by what they are, without a look at the device. */
@Tag("native")
class JCudaErrorsTest {

  @BeforeEach
  void load() {
    assertThat(NativeLibrary.get().problems()).isEmpty();
    // There may be no GPU; the library of JCuda loads all the same.
    assertThat(JCudaProbe.problems())
        .noneMatch(problem -> problem.startsWith("JCuda did not load"));
  }

  @ParameterizedTest
  @ValueSource(ints = {700, 702, 709, 710, 714, 715, 716, 717, 718, 719})
  void anErrorThatStaysIsFatal(int code) {
    assertThatThrownBy(() -> JCudaRuntime.check(code, "cudaEventRecord"))
        .isInstanceOf(CudaFatalException.class)
        .hasMessageContaining("cudaEventRecord: ")
        .hasMessageContaining("(" + code + ")");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 98, 400, 701, 720, 900, 901})
  void anyOtherIsNot(int code) {
    assertThatThrownBy(() -> JCudaRuntime.check(code, "cudaEventRecord"))
        .isInstanceOf(CudaException.class)
        .isNotInstanceOf(CudaFatalException.class)
        .hasMessageContaining("(" + code + ")");
  }

  @ParameterizedTest
  @ValueSource(ints = 0)
  void successIsNone(int code) {
    assertThatCode(() -> JCudaRuntime.check(code, "cudaEventRecord")).doesNotThrowAnyException();
  }
}
