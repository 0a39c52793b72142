package io.tacet.replica;

import static io.tacet.replica.ReplicaProblem.refused;
import static io.tacet.replica.ReplicaProblem.same;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.rnn.Rnn;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operations with an axis for replicas, on every backend, against those of each replica alone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ReplicaConformance {

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
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
            Dense.scaleRows(matrix, of.real(rows));
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
      ReplicaProblem of, int steps, int batch, int units, boolean carried) {
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
}
