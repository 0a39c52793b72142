package io.tacet.replica;

import io.tacet.BackendCase;
import io.tacet.reference.JavaBackend;
import java.util.stream.Stream;

/** Event-gated layers with an axis for replicas on the java backend. */
class JavaEgruReplicaTest extends EgruReplicaConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return BackendCase.of("java", () -> new JavaBackend(2)).stream();
  }
}
