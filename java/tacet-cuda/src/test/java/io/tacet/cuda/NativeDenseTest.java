package io.tacet.cuda;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dense operations against the java backend in float32. */
@Tag("native")
class NativeDenseTest {

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  /** Also the kernel that multiplies where there is no cuBLAS, where there is one. */
  static List<Named<Supplier<NativeBackend>>> multipliers() {
    List<Named<Supplier<NativeBackend>>> all = new ArrayList<>(backends());
    all.add(Named.of("cuda without cuBLAS", NativeDenseTest::withoutCublas));
    return all;
  }

  private static NativeBackend withoutCublas() {
    System.setProperty("tacet.cublas", "false");
    try {
      NativeBackend backend = TestBackends.cuda();
      // What multiplies is chosen when it is first asked for.
      assertThat(backend.denseProducts())
          .isEqualTo("the kernel of libtacet (tacet.cublas is false)");
      return backend;
    } finally {
      System.clearProperty("tacet.cublas");
    }
  }

  /** Something to do on a backend, and what came out. */
  private interface Work {
    double[] run(Backend backend, Resources own, SplittableRandom random);
  }

  private static void same(Supplier<NativeBackend> open, String what, Work work) {
    try (Backend java = new JavaBackend(1);
        Backend backend = open.get()) {
      assertClose(what, result(backend, work), result(java, work), 2e-5);
    }
  }

  private static double[] result(Backend backend, Work work) {
    try (Resources own = new Resources()) {
      return work.run(backend, own, new SplittableRandom(3));
    }
  }

  private static DeviceArray random(
      Backend backend, Resources own, SplittableRandom random, long... shape) {
    DeviceArray array = own.own(backend.allocate(DType.FLOAT32, shape));
    return array.copyFrom(random.doubles(array.length(), -1, 1).toArray());
  }

  private static DeviceArray ints(Backend backend, Resources own, int... values) {
    return own.own(backend.allocate(DType.INT32, values.length).copyFrom(values));
  }

  @ParameterizedTest
  @MethodSource("multipliers")
  void productsAreThoseOfTheReferenceInEveryOrder(Supplier<NativeBackend> open) {
    int[][] sizes = {{1, 1, 1}, {3, 130, 5}, {33, 17, 29}, {40, 5, 700}, {1, 9, 1500}};
    for (int[] size : sizes) {
      int m = size[0];
      int n = size[1];
      int k = size[2];
      for (boolean add : new boolean[] {false, true}) {
        same(
            open,
            "A B " + Arrays.toString(size),
            (backend, own, random) -> {
              DeviceArray c = random(backend, own, random, m, n);
              DeviceArray a = random(backend, own, random, m, k);
              Dense.multiply(a, random(backend, own, random, k, n), add, c);
              return c.toDoubles();
            });
        same(
            open,
            "A B^T " + Arrays.toString(size),
            (backend, own, random) -> {
              DeviceArray c = random(backend, own, random, m, n);
              DeviceArray a = random(backend, own, random, m, k);
              Dense.multiplyTransposed(a, random(backend, own, random, n, k), add, c);
              return c.toDoubles();
            });
        same(
            open,
            "A^T B " + Arrays.toString(size),
            (backend, own, random) -> {
              DeviceArray c = random(backend, own, random, m, n);
              DeviceArray a = random(backend, own, random, k, m);
              Dense.transposedMultiply(a, random(backend, own, random, k, n), add, c);
              return c.toDoubles();
            });
        same(
            open,
            "A^T B^T " + Arrays.toString(size),
            (backend, own, random) -> {
              DeviceArray c = random(backend, own, random, m, n);
              DeviceArray a = random(backend, own, random, k, m);
              DeviceArray b = random(backend, own, random, n, k);
              backend.kernels().dense().multiply(1, true, true, m, n, k, a, b, add ? 1 : 0, c);
              return c.toDoubles();
            });
      }
    }
  }

  @ParameterizedTest
  @MethodSource("multipliers")
  void aProductIsBitwiseTheSameOnEveryRun(Supplier<NativeBackend> open) {
    Work work =
        (backend, own, random) -> {
          DeviceArray c = random(backend, own, random, 40, 24);
          DeviceArray a = random(backend, own, random, 1500, 40);
          Dense.transposedMultiply(a, random(backend, own, random, 1500, 24), true, c);
          return c.toDoubles();
        };
    double[] first;
    try (Backend backend = open.get()) {
      first = result(backend, work);
      assertThat(result(backend, work)).isEqualTo(first);
    }
    try (Backend another = open.get()) {
      assertThat(result(another, work)).isEqualTo(first);
    }
  }

  @ParameterizedTest
  @MethodSource("multipliers")
  void aProductDoesNotReadWhatItReplaces(Supplier<NativeBackend> open) {
    same(
        open,
        "C is NaN",
        (backend, own, random) -> {
          DeviceArray c = own.own(backend.allocate(DType.FLOAT32, 3, 4));
          double[] nothing = new double[12];
          Arrays.fill(nothing, Double.NaN);
          c.copyFrom(nothing);
          Dense.multiply(
              random(backend, own, random, 3, 600), random(backend, own, random, 600, 4), false, c);
          return c.toDoubles();
        });
  }

  @ParameterizedTest
  @MethodSource("backends")
  void rowsAndColumnsAreThoseOfTheReference(Supplier<NativeBackend> open) {
    for (int rows : new int[] {1, 70, 1100}) {
      same(
          open,
          rows + " rows",
          (backend, own, random) -> {
            DeviceArray matrix = random(backend, own, random, rows, 37);
            DeviceArray sums = random(backend, own, random, 37);
            Dense.addToRows(matrix, random(backend, own, random, 37));
            Dense.scaleRows(matrix, random(backend, own, random, rows));
            Dense.addColumnSums(matrix, sums);
            return Arrays.stream(sums.toDoubles()).map(sum -> sum / rows).toArray();
          });
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void gatheringAndItsAdjointAreThoseOfTheReference(Supplier<NativeBackend> open) {
    int[] rows = new SplittableRandom(4).ints(300, 0, 11).toArray();
    same(
        open,
        "gather",
        (backend, own, random) -> {
          DeviceArray out = own.own(backend.allocate(DType.FLOAT32, rows.length, 19));
          Dense.gatherRows(random(backend, own, random, 11, 19), ints(backend, own, rows), out);
          return out.toDoubles();
        });
    same(
        open,
        "scatter",
        (backend, own, random) -> {
          DeviceArray table = random(backend, own, random, 12, 19);
          Dense.scatterAddRows(
              random(backend, own, random, rows.length, 19), ints(backend, own, rows), table);
          return table.toDoubles();
        });
  }

  @ParameterizedTest
  @MethodSource("backends")
  void softmaxCrossEntropyIsThatOfTheReference(Supplier<NativeBackend> open) {
    for (int classes : new int[] {2, 10, 1500}) {
      for (boolean inPlace : new boolean[] {false, true}) {
        same(
            open,
            classes + " classes",
            (backend, own, random) -> {
              DeviceArray logits = random(backend, own, random, 10, classes);
              DeviceArray labels = ints(backend, own, 0, 1, -1, 1, 0, 1, 1, classes - 1, -1, 0);
              DeviceArray losses = random(backend, own, random, 10);
              DeviceArray predicted = own.own(backend.allocate(DType.INT32, 10));
              DeviceArray errors = inPlace ? logits : random(backend, own, random, 10, classes);
              Dense.softmaxCrossEntropy(logits, labels, 0.1, losses, predicted, errors);
              double[] guesses = Arrays.stream(predicted.toInts()).asDoubleStream().toArray();
              return concatenated(losses.toDoubles(), guesses, errors.toDoubles());
            });
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void ofEqualLogitsTheFirstIsPredictedAndLargeOnesDoNotOverflow(Supplier<NativeBackend> open) {
    same(
        open,
        "equal and large logits",
        (backend, own, random) -> {
          DeviceArray logits = own.own(backend.allocate(DType.FLOAT32, 2, 3));
          logits.copyFrom(new float[] {1, 1, 1, -3e30f, 200, 199});
          DeviceArray losses = own.own(backend.allocate(DType.FLOAT32, 2));
          DeviceArray predicted = own.own(backend.allocate(DType.INT32, 2));
          Dense.softmaxCrossEntropy(logits, ints(backend, own, 2, 1), 1, losses, predicted, logits);
          double[] guesses = Arrays.stream(predicted.toInts()).asDoubleStream().toArray();
          return concatenated(losses.toDoubles(), guesses, logits.toDoubles());
        });
  }

  private static double[] concatenated(double[]... parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void dropoutDrawsTheMasksOfTheReference(Supplier<NativeBackend> open) {
    long[][] shapes = {{1, Long.MAX_VALUE}, {1, 50}, {25, 40}, {3, 1}};
    for (long[] shape : shapes) {
      same(
          open,
          Arrays.toString(shape),
          (backend, own, random) -> {
            DeviceArray values = random(backend, own, random, 41, 25);
            Dense.dropout(values, 0.4, -77, shape[0], shape[1], values);
            return values.toDoubles();
          });
    }
  }

  /** Tiles of columns are rows of a grid, whose number is limited. */
  @Test
  void moreColumnsThanAGridHasRowsForAreRefused() {
    int columns = 65535 * 128 + 1;
    try (Backend backend = TestBackends.host(HostExecution.DEFAULT);
        Resources own = new Resources()) {
      DeviceArray a = own.own(backend.of(new float[] {2}, 1, 1));
      DeviceArray b = own.own(backend.allocate(DType.FLOAT32, 1, columns));
      DeviceArray c = own.own(backend.allocate(DType.FLOAT32, 1, columns));
      assertThatThrownBy(() -> Dense.multiply(a, b, false, c))
          .hasMessageContaining("n: expected at most 8388480 columns of C");
    }
  }
}
