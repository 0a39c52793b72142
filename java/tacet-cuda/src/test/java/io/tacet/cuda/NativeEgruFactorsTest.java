package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.egru.EgruFactorsConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/**
 * The conformance suite of what gradients of recurrent weights are made of on host, under every
 * schedule, and on cuda.
 */
@Tag("native")
class NativeEgruFactorsTest extends EgruFactorsConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
