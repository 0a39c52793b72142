package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.memory.BuffersConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The conformance suite of copies between arrays and buffers on host and on cuda. */
@Tag("native")
class NativeBuffersTest extends BuffersConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
