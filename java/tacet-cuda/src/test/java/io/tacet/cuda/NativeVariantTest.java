package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.eventprop.VariantConformance;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The conformance suite of variants of LIF neurons on host, under every schedule, and on cuda. */
@Tag("native")
class NativeVariantTest extends VariantConformance {
  @Override
  protected Stream<BackendCase> backends() {
    return TestBackends.cases();
  }

  @Override
  protected boolean takesWide(BackendCase on, int number) {
    return TestBackends.takes(TestBackends.schedule(on), number);
  }
}
