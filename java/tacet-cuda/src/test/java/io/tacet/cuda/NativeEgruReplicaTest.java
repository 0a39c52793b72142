package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.replica.EgruReplicaConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** Event-gated layers with an axis for replicas on host, under every schedule, and on cuda. */
@Tag("native")
class NativeEgruReplicaTest extends EgruReplicaConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }

  @Override
  protected int schedule(BackendCase on) {
    return TestBackends.schedule(on);
  }
}
