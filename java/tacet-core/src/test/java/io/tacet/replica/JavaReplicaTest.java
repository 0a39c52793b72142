package io.tacet.replica;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.reference.JavaBackend;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Operations with an axis for replicas on the java backend. */
class JavaReplicaTest extends ReplicaConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return BackendCase.of("java", () -> new JavaBackend(2)).stream();
  }

  @Test
  void groupsNeedABackendWithoutArraysOnTheHeap() {
    try (Backend java = new JavaBackend(1)) {
      assertThatThrownBy(() -> new ReplicaGroup(java, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("shared", "host or cuda", "java");
      assertThatThrownBy(() -> new ReplicaGroup(java, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("replicas", "got 0");
    }
  }
}
