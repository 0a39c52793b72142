package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.simulation.SimulationConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The conformance suite of simulations on host, under every schedule, and on cuda. */
@Tag("native")
class NativeSimulationTest extends SimulationConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
