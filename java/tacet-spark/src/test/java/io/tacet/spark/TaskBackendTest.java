package io.tacet.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;

class TaskBackendTest {
  private static String name(String chosen, String... addresses) {
    return TaskBackend.name(chosen, Map.of("gpu", new ResourceInformation("gpu", addresses)));
  }

  @Test
  void aTaskWithAGpuComputesOnIt() {
    assertThat(name("auto", "3")).isEqualTo("cuda:3");
    assertThat(name("cuda", "0")).isEqualTo("cuda:0");
  }

  @Test
  void whatTheUserSaysHolds() {
    assertThat(name("java", "3")).isEqualTo("java");
    assertThat(name("cuda:1", "3")).isEqualTo("cuda:1");
    assertThat(TaskBackend.name("host", Map.of())).isEqualTo("host");
    assertThat(TaskBackend.name("cuda", Map.of())).isEqualTo("cuda");
  }

  @Test
  void aTaskWithoutAGpuComputesInJava() {
    assertThat(TaskBackend.name("auto", Map.of())).isEqualTo("java");
  }

  @Test
  void otherAddressesAreRefused() {
    assertThatThrownBy(() -> name("auto", "GPU-5f3a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "gpu: expected the CUDA ordinal of a GPU as its address, got 'GPU-5f3a'.");
    assertThatThrownBy(() -> name("auto", "0", "1"))
        .hasMessageContaining("spark.task.resource.gpu.amount: expected 1 GPU for a task, got 2.");
  }
}
