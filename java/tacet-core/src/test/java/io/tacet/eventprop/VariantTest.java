package io.tacet.eventprop;

import io.tacet.BackendCase;
import io.tacet.reference.JavaBackend;
import java.util.stream.Stream;

/** The conformance suite of variants of LIF neurons on the java backend. */
class VariantTest extends VariantConformance {
  @Override
  protected Stream<BackendCase> backends() {
    return BackendCase.of("java", () -> new JavaBackend(2)).stream();
  }
}
