package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import java.util.Map;
import jcuda.runtime.JCuda;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * An application may reset the device between two backends, which takes the attributes of kernels
 * with it; needs a GPU, and a process of its own if anything fails.
 */
@Tag("native")
class DeviceResetTest {

  @Test
  void aBackendOpenedAfterAResetComputesTheSame() {
    Map<String, double[]> before = persistent();
    assertThat(JCuda.cudaDeviceReset()).isZero();
    persistent().forEach((name, values) -> assertThat(values).as(name).isEqualTo(before.get(name)));
  }

  /** A pass whose blocks need more shared memory than a kernel gets without asking. */
  private static Map<String, double[]> persistent() {
    try (NativeBackend backend = TestBackends.cuda()) {
      EgruOptions options = EgruOptions.defaults().engine(EgruEngine.PERSISTENT);
      return new EgruProblem(1, 5, 2, 256, 0.1, options).run(backend);
    }
  }
}
