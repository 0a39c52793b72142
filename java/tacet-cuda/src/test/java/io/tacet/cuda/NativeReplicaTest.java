package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.replica.ReplicaConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** Operations with an axis for replicas on host, under every schedule, and on cuda. */
@Tag("native")
class NativeReplicaTest extends ReplicaConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
