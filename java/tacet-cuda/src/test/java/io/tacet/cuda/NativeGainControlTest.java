package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.dense.GainControlConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The conformance suite of gain control on host, under every schedule, and on cuda. */
@Tag("native")
class NativeGainControlTest extends GainControlConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
