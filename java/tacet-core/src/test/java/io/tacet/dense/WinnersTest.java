package io.tacet.dense;

import io.tacet.BackendCase;
import java.util.stream.Stream;

/** The conformance suite of k-winners-take-all on the java backend. */
class WinnersTest extends WinnersConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return BackendCase.of("java", () -> new io.tacet.reference.JavaBackend(2)).stream();
  }
}
