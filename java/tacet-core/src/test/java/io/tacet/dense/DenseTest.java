package io.tacet.dense;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dense operations of the java backend against plain loops in double precision. */
class DenseTest {
  static Stream<BackendCase> backends() {
    return BackendCase.of("java", () -> new io.tacet.reference.JavaBackend(2)).stream();
  }

  private static double[] random(Random random, int length) {
    double[] values = new double[length];
    for (int k = 0; k < length; k++) {
      // Exact in float32, so that both precisions start from the same numbers.
      values[k] = (float) random.nextGaussian();
    }
    return values;
  }

  private static DeviceArray array(Backend backend, DType type, double[] values, long... shape) {
    return backend.allocate(type, shape).copyFrom(values);
  }

  private static void close(DeviceArray actual, double[] expected, double tolerance) {
    double[] values = actual.toDoubles();
    double scale = 1;
    for (double e : expected) {
      scale = Math.max(scale, Math.abs(e));
    }
    assertClose("element", values, expected, tolerance * scale);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void productsOfAllFormsAndOddSizes(BackendCase on) {
    double tolerance = on.type() == DType.FLOAT64 ? 1e-13 : 1e-5;
    Random random = new Random(1);
    int[][] sizes = {{1, 1, 1}, {3, 5, 7}, {65, 513, 9}, {130, 40, 64}, {2, 1030, 3}};
    for (int[] size : sizes) {
      int m = size[0];
      int n = size[1];
      int k = size[2];
      double[] a = random(random, m * k);
      double[] b = random(random, k * n);
      double[] c = random(random, m * n);
      double[] aT = new double[m * k];
      double[] bT = new double[k * n];
      double[] product = new double[m * n];
      double[] added = new double[m * n];
      for (int i = 0; i < m; i++) {
        for (int p = 0; p < k; p++) {
          aT[p * m + i] = a[i * k + p];
        }
      }
      for (int j = 0; j < n; j++) {
        for (int p = 0; p < k; p++) {
          bT[j * k + p] = b[p * n + j];
        }
      }
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          for (int p = 0; p < k; p++) {
            product[i * n + j] += a[i * k + p] * b[p * n + j];
          }
          added[i * n + j] = c[i * n + j] + product[i * n + j];
        }
      }
      try (Backend backend = on.backend().get();
          Resources made = new Resources()) {
        DeviceArray da = made.own(array(backend, on.type(), a, m, k));
        DeviceArray daT = made.own(array(backend, on.type(), aT, k, m));
        DeviceArray db = made.own(array(backend, on.type(), b, k, n));
        DeviceArray dbT = made.own(array(backend, on.type(), bT, n, k));
        DeviceArray dc = made.own(array(backend, on.type(), c, m, n));
        Dense.multiply(da, db, true, dc);
        close(dc, added, tolerance);
        Dense.multiply(da, db, false, dc);
        close(dc, product, tolerance);
        Dense.multiplyTransposed(da, dbT, false, dc);
        close(dc, product, tolerance);
        Dense.transposedMultiply(daT, db, false, dc);
        close(dc, product, tolerance);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void rowsAreGatheredAndScattered(BackendCase on) {
    try (Backend backend = on.backend().get();
        Resources made = new Resources()) {
      DeviceArray table =
          made.own(array(backend, on.type(), new double[] {1, 2, 3, 4, 5, 6}, 3, 2));
      DeviceArray rows = made.own(backend.of(new int[] {2, 0, 2, 2}));
      DeviceArray out = made.own(backend.allocate(on.type(), 4, 2));
      Dense.gatherRows(table, rows, out);
      assertThat(out.toDoubles()).containsExactly(5, 6, 1, 2, 5, 6, 5, 6);
      Dense.scatterAddRows(out, rows, table);
      assertThat(table.toDoubles()).containsExactly(2, 4, 3, 4, 20, 24);
      DeviceArray elsewhere = made.own(backend.of(new int[] {-1, 3, -7, 0}));
      Dense.scatterAddRows(out, elsewhere, table);
      assertThat(table.toDoubles()).containsExactly(7, 10, 3, 4, 20, 24);
      table.copyFrom(new double[] {2, 4, 3, 4, 20, 24});
      DeviceArray row = made.own(array(backend, on.type(), new double[] {10, 20}, 2));
      Dense.addToRows(table, row);
      assertThat(table.toDoubles()).containsExactly(12, 24, 13, 24, 30, 44);
      Dense.addColumnSums(table, row);
      assertThat(row.toDoubles()).containsExactly(65, 112);
      DeviceArray factors = made.own(array(backend, on.type(), new double[] {0.5, 0, -2}, 3));
      table.copyFrom(new double[] {2, 4, Double.NaN, Double.POSITIVE_INFINITY, 20, 24});
      Dense.scaleRows(table, factors);
      assertThat(table.toDoubles()).containsExactly(1, 2, 0, 0, -40, -48);
      assertThatThrownBy(() -> Dense.scaleRows(table, row))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("factors")
          .hasMessageContaining("3");
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void crossEntropyAndItsErrors(BackendCase on) {
    double tolerance = on.type() == DType.FLOAT64 ? 1e-13 : 1e-6;
    double[] logits = {1, 2, 3, 800, -800, 0, 0, 0, 0};
    try (Backend backend = on.backend().get();
        Resources made = new Resources()) {
      DeviceArray x = made.own(array(backend, on.type(), logits, 3, 3));
      DeviceArray labels = made.own(backend.of(new int[] {0, 0, -1}));
      DeviceArray losses = made.own(backend.allocate(on.type(), 3));
      DeviceArray predicted = made.own(backend.allocate(DType.INT32, 3));
      Dense.softmaxCrossEntropy(x, labels, 0.5, losses, predicted, x);
      double sum = Math.exp(1) + Math.exp(2) + Math.exp(3);
      close(losses, new double[] {Math.log(sum) - 1, 0, 0}, tolerance);
      assertThat(predicted.toInts()).containsExactly(2, 0, 0);
      close(
          x,
          new double[] {
            0.5 * (Math.exp(1) / sum - 1),
            0.5 * Math.exp(2) / sum,
            0.5 * Math.exp(3) / sum,
            0,
            0,
            0,
            0,
            0,
            0
          },
          tolerance);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void dropoutKeepsTheMeanAndRepeatsItsMask(BackendCase on) {
    int length = 30_000;
    try (Backend backend = on.backend().get();
        Resources made = new Resources()) {
      double[] ones = new double[length];
      java.util.Arrays.fill(ones, 1);
      DeviceArray x = made.own(array(backend, on.type(), ones, length / 10, 10));
      DeviceArray y = made.own(backend.allocate(on.type(), length / 10, 10));
      Dense.dropout(x, 0.25, 9, 1, length, y);
      double[] values = y.toDoubles();
      double mean = java.util.Arrays.stream(values).average().orElseThrow();
      assertThat(mean).isCloseTo(1, within(0.02));
      for (double v : values) {
        assertThat(v == 0 || Math.abs(v - 4.0 / 3) < 1e-6).isTrue();
      }
      // Twice the same mask: what is left is divided twice.
      Dense.dropout(y, 0.25, 9, 1, length, y);
      close(y, java.util.Arrays.stream(values).map(v -> v * 4 / 3).toArray(), 1e-6);
      // Whole rows, and a mask that repeats after 100 rows.
      Dense.dropout(x, 0.5, 9, 10, 100, y);
      values = y.toDoubles();
      for (int k = 0; k < length; k++) {
        assertThat(values[k]).isEqualTo(values[k / 10 * 10]).isEqualTo(values[k % 1000]);
      }
    }
  }

  @Test
  void rowsAndLabelsOutOfRangeAreRefused() {
    try (Backend backend = new io.tacet.reference.JavaBackend(1);
        DeviceArray table = backend.allocate(DType.FLOAT32, 4, 3);
        DeviceArray out = backend.allocate(DType.FLOAT32, 2, 3);
        DeviceArray losses = backend.allocate(DType.FLOAT32, 2);
        DeviceArray index = backend.allocate(DType.INT32, 2)) {
      for (int wrong : new int[] {4, -1}) {
        index.copyFrom(new int[] {0, wrong});
        assertThatThrownBy(() -> Dense.gatherRows(table, index, out))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("rows: expected 0 to 3")
            .hasMessageContaining("got " + wrong + " at 1");
      }
      index.copyFrom(new int[] {-1, 3});
      assertThatThrownBy(() -> Dense.softmaxCrossEntropy(out, index, 1, losses, null, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("labels: expected", "2, a class", "got 3 at 1");
    }
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    try (Backend backend = new io.tacet.reference.JavaBackend(1);
        DeviceArray a = backend.allocate(DType.FLOAT32, 2, 3);
        DeviceArray b = backend.allocate(DType.FLOAT32, 4, 5);
        DeviceArray c = backend.allocate(DType.FLOAT32, 2, 5)) {
      assertThatThrownBy(() -> Dense.multiply(a, b, false, c))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("b: expected an inner extent of 3");
      assertThatThrownBy(() -> Dense.dropout(a, 1, 0, 1, 1, a))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("p: expected [0, 1)");
    }
  }
}
