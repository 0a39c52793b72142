package io.tacet.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.rnn.Rnn;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operations with an axis for replicas, on every backend, against those of each replica alone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ReplicaConformance {
  private static final int REPLICAS = 3;

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** Arrays of all replicas or of one, random, and the same for a replica either way. */
  private static final class Problem {
    private final Backend backend;
    private final DType type;
    private final Resources own;

    /** Null for all. */
    private final Integer replica;

    private int seed;

    Problem(Backend backend, DType type, Resources own, Integer replica) {
      this.backend = backend;
      this.type = type;
      this.own = own;
      this.replica = replica;
    }

    /** Number of replicas. */
    int count() {
      return replica == null ? REPLICAS : 1;
    }

    /** With an axis for the replicas where there are all of them. */
    DeviceArray real(long... shape) {
      long length = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      double[] all = new SplittableRandom(seed++).doubles(REPLICAS * length, -1, 1).toArray();
      return own.own(backend.allocate(type, extents(shape))).copyFrom(part(all));
    }

    private long[] extents(long... shape) {
      long[] extents = new long[shape.length + 1];
      extents[0] = REPLICAS;
      System.arraycopy(shape, 0, extents, 1, shape.length);
      return replica == null ? extents : shape;
    }

    private double[] part(double[] all) {
      int length = all.length / REPLICAS;
      return replica == null
          ? all
          : Arrays.copyOfRange(all, replica * length, (replica + 1) * length);
    }

    DeviceArray rows(int count, int below) {
      int[] all = new SplittableRandom(seed++).ints((long) REPLICAS * count, 0, below).toArray();
      int[] rows =
          replica == null ? all : Arrays.copyOfRange(all, replica * count, (replica + 1) * count);
      return own.own(backend.of(rows));
    }
  }

  /** What is computed, and the arrays that it changes. */
  private interface Work {
    DeviceArray[] on(Problem problem);
  }

  private static void same(BackendCase on, String what, Work work) {
    try (Backend backend = on.backend().get();
        Resources own = new Resources()) {
      DeviceArray[] together = work.on(new Problem(backend, on.type(), own, null));
      // cuBLAS may choose another algorithm for several products.
      double tolerance = backend.name().equals("cuda") ? 1e-4 : 0;
      for (int replica = 0; replica < REPLICAS; replica++) {
        DeviceArray[] alone = work.on(new Problem(backend, on.type(), own, replica));
        for (int k = 0; k < alone.length; k++) {
          double[] expected = alone[k].toDoubles();
          double[] all = together[k].toDoubles();
          assertThat(all).hasSize(REPLICAS * expected.length);
          int from = replica * expected.length;
          assertThat(Arrays.copyOfRange(all, from, from + expected.length))
              .as("%s, replica %d, array %d", what, replica, k)
              .containsExactly(expected, within(tolerance));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void productsAreThoseOfEachAlone(BackendCase on) {
    int[][] sizes = {{1, 1, 1}, {3, 130, 5}, {67, 17, 300}, {40, 5, 700}, {1, 9, 1500}};
    for (int[] size : sizes) {
      int m = size[0];
      int n = size[1];
      int k = size[2];
      for (boolean add : new boolean[] {false, true}) {
        String what = Arrays.toString(size) + add;
        same(
            on,
            "A B " + what,
            of -> {
              DeviceArray c = of.real(m, n);
              Dense.multiply(of.count(), of.real(m, k), of.real(k, n), add, c);
              return new DeviceArray[] {c};
            });
        same(
            on,
            "A B^T " + what,
            of -> {
              DeviceArray c = of.real(m, n);
              Dense.multiplyTransposed(of.count(), of.real(m, k), of.real(n, k), add, c);
              return new DeviceArray[] {c};
            });
        same(
            on,
            "A^T B " + what,
            of -> {
              DeviceArray c = of.real(m, n);
              Dense.transposedMultiply(of.count(), of.real(k, m), of.real(k, n), add, c);
              return new DeviceArray[] {c};
            });
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void rowsAndSumsOfColumnsAreThoseOfEachAlone(BackendCase on) {
    for (int rows : new int[] {1, 9, 700}) {
      same(
          on,
          rows + " rows",
          of -> {
            DeviceArray matrix = of.real(rows, 37);
            DeviceArray sums = of.real(37);
            Dense.addToRows(of.count(), matrix, of.real(37));
            Dense.addColumnSums(of.count(), matrix, sums);
            DeviceArray chosen = of.rows(5, rows);
            DeviceArray out = of.real(5, 37);
            Dense.gatherRows(of.count(), matrix, chosen, out);
            Dense.scatterAddRows(of.count(), out, chosen, matrix);
            return new DeviceArray[] {matrix, sums, out};
          });
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void plainRecurrentLayersAreThoseOfEachAlone(BackendCase on) {
    int[][] shapes = {{5, 3, 20}, {1, 1, 1}, {3, 2, 300}, {30, 40, 10}};
    for (int[] shape : shapes) {
      for (boolean carried : new boolean[] {false, true}) {
        same(
            on,
            Arrays.toString(shape) + carried,
            of -> passes(of, shape[0], shape[1], shape[2], carried));
      }
    }
  }

  private static DeviceArray[] passes(
      Problem of, int steps, int batch, int units, boolean carried) {
    RnnLayer layer = new RnnLayer(of.real(units, units), of.real(units), Activation.TANH);
    assertThat(layer.replicas()).isEqualTo(of.count());
    DeviceArray currents = of.real(steps, batch, units);
    DeviceArray values = of.real(steps, batch, units);
    DeviceArray errors = of.real(steps, batch, units);
    DeviceArray first = carried ? of.real(batch, units) : null;
    DeviceArray last = carried ? of.real(batch, units) : null;
    RnnGradients gradients =
        new RnnGradients(
            of.real(steps, batch, units),
            of.real(units, units),
            of.real(units),
            carried ? of.real(batch, units) : null);
    Rnn.forward(layer, currents, first, values, last);
    Rnn.backward(layer, values, first, errors, gradients);
    return Stream.of(
            values,
            last,
            gradients.currents(),
            gradients.recurrent(),
            gradients.bias(),
            gradients.first())
        .filter(array -> array != null)
        .toArray(DeviceArray[]::new);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void argumentsThatDoNotFitAreNamed(BackendCase on) {
    try (Backend backend = on.backend().get();
        Resources own = new Resources()) {
      DeviceArray six = own.own(backend.allocate(on.type(), 6, 2));
      DeviceArray two = own.own(backend.allocate(on.type(), 2));
      DeviceArray cube = own.own(backend.allocate(on.type(), 3, 2, 2));
      refused(() -> Dense.addToRows(0, six, two), "replicas", "1 to 65535", "got 0");
      refused(() -> Dense.addToRows(4, six, two), "matrix", "4 replicas");
      refused(() -> Dense.addToRows(3, six, two), "row", "6 elements");
      refused(() -> Dense.multiply(2, six, six, false, six), "b", "inner extent");
      refused(() -> new RnnLayer(cube, two, Activation.TANH), "bias", "6 elements");
      DeviceArray bias = own.own(backend.allocate(on.type(), 3, 2));
      RnnLayer layer = new RnnLayer(cube, bias, Activation.TANH);
      assertThat(layer.replicas()).isEqualTo(3);
      assertThat(layer.units()).isEqualTo(2);
      DeviceArray values = own.own(backend.allocate(on.type(), 2, 2, 2));
      refused(() -> Rnn.forward(layer, values, null, values, null), "currents", "[3][steps]");
    }
  }

  private static void refused(Runnable body, String... words) {
    assertThatThrownBy(body::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }
}
