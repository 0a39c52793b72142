package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.rewire.AbsentConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/**
 * The conformance suite of the search for absent synapses on host, under every schedule, and on
 * cuda.
 */
@Tag("native")
class NativeAbsentTest extends AbsentConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
