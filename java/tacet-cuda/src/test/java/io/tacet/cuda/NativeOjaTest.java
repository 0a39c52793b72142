package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.plasticity.OjaConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The conformance suite of Oja's rule on host, under every schedule, and on cuda. */
@Tag("native")
class NativeOjaTest extends OjaConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
