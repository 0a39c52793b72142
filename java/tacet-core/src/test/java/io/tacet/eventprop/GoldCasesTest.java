package io.tacet.eventprop;

import io.tacet.Backend;
import io.tacet.reference.JavaBackend;
import org.junit.jupiter.api.Nested;

/** The gold cases on the java backend. */
class GoldCasesTest {
  @Nested
  class InDouble extends GoldCases {
    InDouble() {
      super(DOUBLE);
    }

    @Override
    protected Backend open() {
      return new JavaBackend(2);
    }
  }

  @Nested
  class InSingle extends GoldCases {
    InSingle() {
      super(SINGLE);
    }

    @Override
    protected Backend open() {
      return new JavaBackend(2);
    }
  }
}
