package io.tacet.plasticity;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.JavaBackend;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The conformance suite on every backend of the class path. */
class OjaTest extends OjaConformance {

  @Test
  void resultsDoNotDependOnTheNumberOfThreads() {
    assertThat(large(3)).isEqualTo(large(1));
  }

  private static double[] large(int threads) {
    SplittableRandom random = new SplittableRandom(5);
    try (Backend backend = new JavaBackend(threads);
        DeviceArray weights = backend.allocate(DType.FLOAT32, 40, 1100);
        DeviceArray inputs = backend.allocate(DType.FLOAT32, 3, 40)) {
      weights.copyFrom(random.doubles(weights.length(), -0.1, 0.1).toArray());
      inputs.copyFrom(random.doubles(inputs.length(), -1, 1).toArray());
      for (int step = 0; step < 3; step++) {
        Oja.rate(0.1).apply(weights, inputs);
      }
      return weights.toDoubles();
    }
  }
}
