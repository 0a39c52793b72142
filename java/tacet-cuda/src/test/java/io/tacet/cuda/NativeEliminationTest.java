package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.sparse.EliminationConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The conformance suite of elimination on host, under every schedule, and on cuda. */
@Tag("native")
class NativeEliminationTest extends EliminationConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
