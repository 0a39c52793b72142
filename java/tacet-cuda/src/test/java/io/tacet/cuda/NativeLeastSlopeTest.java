package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.eventprop.LeastSlopeConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The least slope of adjoints on host, under every schedule, and on cuda. */
@Tag("native")
class NativeLeastSlopeTest extends LeastSlopeConformance {
  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
