package io.tacet.eventprop;

import io.tacet.BackendCase;
import io.tacet.reference.JavaBackend;
import java.util.stream.Stream;

/** The least slope of adjoints on the java backend. */
class LeastSlopeTest extends LeastSlopeConformance {
  @Override
  protected Stream<BackendCase> backends() {
    return BackendCase.of("java", () -> new JavaBackend(2)).stream();
  }
}
