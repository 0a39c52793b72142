package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.eventprop.MeanPotentialConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** Mean potentials on host, under every schedule, and on cuda. */
@Tag("native")
class NativeMeanPotentialTest extends MeanPotentialConformance {
  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }

  @Override
  protected boolean takesWide(BackendCase on, int number) {
    return TestBackends.takes(TestBackends.schedule(on), number);
  }
}
