package io.tacet.memory;

import io.tacet.BackendCase;
import java.util.stream.Stream;

/** The conformance suite of copies between arrays and buffers on the java backend. */
class BuffersTest extends BuffersConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return BackendCase.of("java", () -> new io.tacet.reference.JavaBackend(1)).stream().limit(1);
  }
}
