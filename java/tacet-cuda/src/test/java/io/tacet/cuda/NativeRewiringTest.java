package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.rewire.RewiringConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The conformance suite of rewiring on host, under every schedule, and on cuda. */
@Tag("native")
class NativeRewiringTest extends RewiringConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
