package io.tacet.cuda;

import io.tacet.Backend;
import io.tacet.cuda.HostExecution.Schedule;
import io.tacet.eventprop.GoldCases;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The gold cases on the native kernels: on the CPU under every schedule, and on a GPU. */
@Tag("native")
class GoldCasesTest {
  private static Backend host(Schedule schedule) {
    return TestBackends.host(HostExecution.DEFAULT.with(schedule));
  }

  @Nested
  class OnHostForward extends GoldCases {
    OnHostForward() {
      super(SINGLE);
    }

    @Override
    protected Backend open() {
      return host(Schedule.FORWARD);
    }
  }

  @Nested
  class OnHostReverse extends GoldCases {
    OnHostReverse() {
      super(SINGLE);
    }

    @Override
    protected Backend open() {
      return host(Schedule.REVERSE);
    }
  }

  @Nested
  class OnHostRandom extends GoldCases {
    OnHostRandom() {
      super(SINGLE);
    }

    @Override
    protected Backend open() {
      return host(Schedule.RANDOM);
    }
  }

  @Nested
  class OnCuda extends GoldCases {
    OnCuda() {
      super(SINGLE);
    }

    @Override
    protected Backend open() {
      return TestBackends.cuda();
    }
  }
}
