package io.tacet.dense;

import io.tacet.BackendCase;
import java.util.stream.Stream;

/** The conformance suite of gain control on the java backend. */
class GainControlTest extends GainControlConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return BackendCase.of("java", () -> new io.tacet.reference.JavaBackend(2)).stream();
  }
}
