package io.tacet.rewire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.rewire.Tissue.Shape;
import java.lang.management.ManagementFactory;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The conformance suite on every backend of the class path, and what is Java's own. */
class AbsentTest extends AbsentConformance {

  @Test
  void whatIsFoundDoesNotDependOnTheNumberOfThreads() {
    Shape shape = new Shape(500, 90, 0.1, 3000, 3, false, false);
    NavigableMap<Long, double[][]> synapses = Tissue.random(shape, 5);
    NavigableMap<Long, double[][]> one = found(shape, synapses, 1);
    assertThat(one.keySet()).hasSize(synapses.size() + 3000);
    assertThat(found(shape, synapses, 3).keySet()).isEqualTo(one.keySet());
  }

  private static NavigableMap<Long, double[][]> found(
      Shape shape, NavigableMap<Long, double[][]> synapses, int threads) {
    try (Backend backend = new JavaBackend(threads);
        Tissue tissue = new Tissue(backend, DType.FLOAT32, shape, synapses);
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions);
        Resources made = new Resources()) {
      // Small whole numbers, so that thousands are equal.
      Factors factors = Factors.whole(shape, 20, 1, 0, new SplittableRandom(6));
      rewirer.findLargest(factors.upload(backend, DType.FLOAT32, made), 3000);
      rewirer.replaceByFound(1, 1);
      return tissue.read();
    }
  }

  @Test
  void aSearchTakesMemoryForSomeRowsOfTheGradientOnly() {
    int units = 5000;
    Shape shape = new Shape(units, units, 0, 1000, 1, false, false);
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Backend backend = new JavaBackend(1);
        Tissue tissue = new Tissue(backend, DType.FLOAT32, shape, new TreeMap<>());
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions);
        DeviceArray sent = backend.allocate(DType.FLOAT32, 2, units);
        DeviceArray errors = backend.allocate(DType.FLOAT32, 2, units)) {
      float[] numbers = new float[2 * units];
      for (int k = 0; k < numbers.length; k++) {
        numbers[k] = k % 97 - 48;
      }
      sent.copyFrom(numbers);
      errors.copyFrom(numbers);
      GradientFactors factors = GradientFactors.of(sent, errors);
      rewirer.findLargest(factors, 1000);
      long before = threads.getCurrentThreadAllocatedBytes();
      long open = backend.arrayBytes().open();
      rewirer.findLargest(factors, 1000);
      long took = threads.getCurrentThreadAllocatedBytes() - before;
      // 64 rows of sums and 2 of errors, what is kept twice, and little else; a gradient has 5000.
      assertThat(took).isLessThan(4L * 100 * units);
      assertThat(backend.arrayBytes().open()).isEqualTo(open);
    }
  }
}
