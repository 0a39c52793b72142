package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.tacet.Backend;
import io.tacet.BackendUnavailableException;
import io.tacet.Backends;
import io.tacet.cuda.Doctor.Finding;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class AvailabilityTest {

  @Test
  @Tag("native")
  void bothNativeBackendsAreFoundByTheServiceLoader() {
    assertThat(Backends.all()).extracting(Backends.Availability::name).contains("cuda", "host");
    try (Backend host = Backends.open("host")) {
      assertThat(host.name()).isEqualTo("host");
    }
  }

  @Test
  void bestIsCudaOrJavaAndNeverHost() {
    try (Backend best = Backends.best()) {
      assertThat(best.name()).isEqualTo(Availability.cuda(0).isEmpty() ? "cuda" : "java");
    }
  }

  @Test
  void withoutAGpuTheMessageListsEveryReason() {
    List<String> reasons = Availability.cuda(0);
    assumeFalse(reasons.isEmpty());
    assertThat(reasons).hasSizeGreaterThanOrEqualTo(2);
    assertThat(reasons).anyMatch(reason -> reason.contains("JCuda"));
    assertThatThrownBy(() -> NativeBackend.cuda(0))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining(reasons.get(0))
        .hasMessageContaining(reasons.get(reasons.size() - 1));
  }

  @Test
  void aDeviceThatIsNotThereIsAReasonAndBestChoosesAnother() {
    for (String device : List.of("nonsense", "-1", "4096")) {
      System.setProperty("tacet.device", device);
      try (Backend best = Backends.best()) {
        assertThat(best.name()).isEqualTo("java");
        assertThat(Availability.configuredCuda()).isNotEmpty();
        assertThatThrownBy(() -> Backends.open("cuda"))
            .isInstanceOf(BackendUnavailableException.class);
      } finally {
        System.clearProperty("tacet.device");
      }
    }
    System.setProperty("tacet.device", "nonsense");
    try {
      assertThat(Availability.configuredCuda().get(0))
          .isEqualTo("tacet.device: expected the CUDA ordinal of a GPU, got 'nonsense'");
    } finally {
      System.clearProperty("tacet.device");
    }
  }

  @Test
  void aRequiredGpuIsThere() {
    if ("cuda".equals(System.getProperty("tacet.require"))) {
      assertThat(Availability.cuda(0)).isEmpty();
    }
  }

  @Test
  void theDoctorLooksAtEverything() {
    List<Finding> findings = Doctor.examine();
    assertThat(findings)
        .extracting(Finding::subject)
        .contains("JVM", "System", "libtacet", "NVIDIA driver", "JCuda", "cuBLAS", "Backend cuda");
    assertThat(findings).allSatisfy(finding -> assertThat(finding.detail()).isNotBlank());
  }
}
