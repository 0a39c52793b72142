package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.dense.WinnersConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The conformance suite of k-winners-take-all on host, under every schedule, and on cuda. */
@Tag("native")
class NativeWinnersTest extends WinnersConformance {

  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }
}
