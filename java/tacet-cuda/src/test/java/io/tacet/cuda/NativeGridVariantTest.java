package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.eventprop.GridVariantConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The suite of variants of LIF neurons on a grid on host, under every schedule, and on cuda. */
@Tag("native")
class NativeGridVariantTest extends GridVariantConformance {
  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }

  @Override
  protected boolean takesWide(BackendCase on, int number) {
    return TestBackends.takes(TestBackends.schedule(on), number);
  }
}
