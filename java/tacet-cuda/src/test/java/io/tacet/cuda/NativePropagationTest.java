package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.sparse.PropagationConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The conformance suite of event propagation on host, under every schedule, and on cuda. */
@Tag("native")
class NativePropagationTest extends PropagationConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
