package io.tacet.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruState;
import io.tacet.egru.EgruTape;
import io.tacet.egru.EgruVariant;
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
      return own.own(backend.of(part(all)));
    }

    private int[] part(int[] all) {
      int count = all.length / REPLICAS;
      return replica == null
          ? all
          : Arrays.copyOfRange(all, replica * count, (replica + 1) * count);
    }

    DeviceArray room(DType type, long... shape) {
      return own.own(
          backend.allocate(type == DType.FLOAT64 ? this.type : type, extents(shape)));
    }

    /** Integers, to be compared like the others. */
    DeviceArray asReal(DeviceArray array) {
      double[] values = Arrays.stream(array.toInts()).asDoubleStream().toArray();
      return own.own(backend.allocate(type, values.length)).copyFrom(values);
    }

    EgruState state(int batch, int units) {
      return new EgruState(real(batch, units), real(batch, units));
    }

    /** The seed of one, and the seeds of all. */
    EgruInputs withSeed(
        DeviceArray currents, DeviceArray lengths, EgruState initial, boolean reversed) {
      long[] seeds = new SplittableRandom(seed++).longs(REPLICAS).toArray();
      if (replica != null) {
        return new EgruInputs(
            currents, lengths, initial, true, seeds[replica], reversed, Double.NaN);
      }
      int[] words = new int[2 * REPLICAS];
      for (int k = 0; k < REPLICAS; k++) {
        words[2 * k] = (int) seeds[k];
        words[2 * k + 1] = (int) (seeds[k] >>> 32);
      }
      DeviceArray all = own.own(backend.of(words));
      return new EgruInputs(currents, lengths, initial, true, 7, reversed, Double.NaN, all);
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

  /** A layer and its sequence. */
  private record Shape(
      int steps,
      int batch,
      int units,
      EgruVariant variant,
      EgruEngine engine,
      boolean product,
      boolean plain) {}

  private static Stream<Shape> shapes() {
    return Stream.of(
        // One group of samples; teams of several blocks, all replicas at once.
        new Shape(5, 3, 20, EgruVariant.CELL_RESET_AFTER, EgruEngine.PERSISTENT, true, false),
        new Shape(4, 2, 18, EgruVariant.PAPER, EgruEngine.PERSISTENT, true, false),
        // So many blocks that replicas are one after the other; several groups.
        new Shape(4, 9, 41, EgruVariant.CELL_RESET_AFTER, EgruEngine.AUTO, false, false),
        new Shape(3, 5, 20, EgruVariant.CELL_RESET_AFTER, EgruEngine.EVENT, false, false),
        new Shape(3, 1, 130, EgruVariant.PAPER, EgruEngine.EVENT, true, false),
        new Shape(2, 9, 24, EgruVariant.CELL_RESET_AFTER, EgruEngine.EVENT, true, false),
        new Shape(3, 34, 22, EgruVariant.CELL_RESET_AFTER, EgruEngine.DENSE, false, false),
        new Shape(2, 3, 300, EgruVariant.CELL_RESET_AFTER, EgruEngine.DENSE, true, false),
        new Shape(2, 40, 12, EgruVariant.PAPER, EgruEngine.DENSE, true, false),
        new Shape(3, 2, 10, EgruVariant.CELL_RESET_AFTER, EgruEngine.AUTO, true, true),
        // Sums of a gradient in several parts.
        new Shape(60, 9, 5, EgruVariant.CELL_RESET_AFTER, EgruEngine.EVENT, true, false));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void eventGatedLayersAreThoseOfEachAlone(BackendCase on) {
    shapes()
        .forEach(
            shape -> {
              same(on, shape + "", of -> passes(of, shape, false, false));
              same(on, shape + ", compact, reversed", of -> passes(of, shape, true, true));
            });
  }

  private static DeviceArray[] passes(Problem of, Shape shape, boolean compact, boolean reversed) {
    int steps = shape.steps();
    int batch = shape.batch();
    int units = shape.units();
    EgruOptions options =
        EgruOptions.defaults().variant(shape.variant()).engine(shape.engine()).zoneout(0.2);
    if (shape.plain()) {
      options = options.withoutEvents();
    }
    EgruLayer layer =
        new EgruLayer(
            of.real(units, 3L * units),
            of.real(3L * units),
            of.real(3L * units),
            of.real(units),
            options);
    assertThat(layer.replicas()).isEqualTo(of.count());
    DeviceArray currents = of.real(steps, batch, 3L * units);
    EgruInputs inputs =
        of.withSeed(
            currents,
            compact ? of.rows(batch, steps + 1) : null,
            reversed ? of.state(batch, units) : null,
            reversed);
    DType gates = compact ? DType.UINT16 : DType.FLOAT64;
    EgruTape tape =
        new EgruTape(
            of.room(DType.FLOAT64, steps, batch, units),
            of.room(gates, steps, batch, units),
            of.room(gates, steps, batch, units),
            of.room(gates, steps, batch, units),
            shape.product() ? of.room(gates, steps, batch, units) : null,
            of.room(DType.INT32, steps, batch, (units + 31) / 32));
    int columns = reversed ? 2 * units : units;
    EgruOutputs outputs =
        new EgruOutputs(
            of.real(steps, batch, columns),
            of.real(batch, columns),
            compact ? of.state(batch, units) : null,
            of.rows(units, 9));
    EgruErrors errors =
        new EgruErrors(
            of.real(steps, batch, columns),
            of.real(batch, columns),
            compact ? of.state(batch, units) : null,
            of.real(units));
    EgruGradients gradients =
        new EgruGradients(
            of.real(steps, batch, 3L * units),
            of.real(units, 3L * units),
            of.real(3L * units),
            of.real(3L * units),
            of.real(units),
            of.state(batch, units));
    DeviceArray sent = of.real(steps, batch, (long) units * Egru.partsSent(layer));
    Egru.forward(layer, inputs, outputs, tape);
    Egru.backward(layer, inputs, tape, errors, gradients);
    DeviceArray ofCurrents =
        of.room(DType.FLOAT64, steps, batch, 3L * units)
            .copyFrom(gradients.currents().toDoubles());
    Egru.gradientFactors(layer, inputs, tape, gradients.currents(), sent);
    return Stream.of(
            outputs.y(),
            outputs.trace(),
            outputs.last() == null ? null : outputs.last().y(),
            outputs.last() == null ? null : outputs.last().h(),
            of.asReal(outputs.counts()),
            tape.h(),
            ofCurrents,
            gradients.currents(),
            gradients.recurrent(),
            gradients.inputBias(),
            gradients.recurrentBias(),
            gradients.thresholds(),
            gradients.initial().y(),
            gradients.initial().h(),
            sent)
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
      refuseEgru(own, backend, on.type());
    }
  }

  private static void refuseEgru(Resources own, Backend backend, DType type) {
    DeviceArray weights = own.own(backend.allocate(type, 3, 2, 6));
    DeviceArray six = own.own(backend.allocate(type, 6));
    DeviceArray all = own.own(backend.allocate(type, 3, 6));
    EgruOptions options = EgruOptions.defaults();
    refused(() -> new EgruLayer(weights, six, six, six, options), "inputBias", "18 elements");
    EgruLayer layer = new EgruLayer(weights, all, all, six, options);
    assertThat(layer.replicas()).isEqualTo(3);
    assertThat(layer.units()).isEqualTo(2);
    DeviceArray two = own.own(backend.allocate(type, 2, 4, 5, 6));
    EgruOutputs none = new EgruOutputs(null, null, null, null);
    refused(
        () -> Egru.forward(layer, EgruInputs.of(two), none, null),
        "inputs.currents",
        "[3][steps]",
        "an axis for replicas");
    DeviceArray currents = own.own(backend.allocate(type, 3, 4, 5, 6));
    DeviceArray short3 = own.own(backend.allocate(DType.INT32, 3));
    refused(
        () ->
            Egru.forward(
                layer,
                new EgruInputs(currents, null, null, true, 0, false, Double.NaN, short3),
                none,
                null),
        "inputs.seeds",
        "6");
    refused(
        () ->
            Egru.forward(
                layer,
                new EgruInputs(currents, short3, null, true, 0, false, Double.NaN),
                none,
                null),
        "inputs.lengths",
        "15");
    try (EgruTape tape = EgruTape.of(backend, type, 4, 5, 2)) {
      refused(() -> Egru.forward(layer, EgruInputs.of(currents), none, tape), "tape.h");
      refused(() -> tape.backwardSparsity(layer, null), "layer", "without an axis for replicas");
    }
    DeviceArray matrix = own.own(backend.allocate(type, 2, 6));
    DeviceArray pair = own.own(backend.allocate(type, 2));
    EgruLayer one = new EgruLayer(matrix, six, six, pair, options);
    DeviceArray plain = own.own(backend.allocate(type, 4, 5, 6));
    DeviceArray seeds = own.own(backend.allocate(DType.INT32, 2));
    refused(
        () ->
            Egru.forward(
                one,
                new EgruInputs(plain, null, null, true, 0, false, Double.NaN, seeds),
                none,
                null),
        "inputs.seeds",
        "expected null");
  }

  private static void refused(Runnable body, String... words) {
    assertThatThrownBy(body::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }
}
