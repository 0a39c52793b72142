package io.tacet.replica;

import static io.tacet.replica.ReplicaProblem.refused;
import static io.tacet.replica.ReplicaProblem.same;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruTape;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Event-gated layers with an axis for replicas, on every backend, against each replica alone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EgruReplicaConformance {

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  /**
   * The number of a schedule by which a backend runs, of which each has one of the forms of a
   * layer, the next one the other; -1 for backends that take both.
   */
  protected int schedule(BackendCase on) {
    return -1;
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
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
        new Shape(2, 3, 140, EgruVariant.CELL_RESET_AFTER, EgruEngine.DENSE, true, false),
        new Shape(2, 40, 12, EgruVariant.PAPER, EgruEngine.DENSE, true, false),
        new Shape(3, 2, 10, EgruVariant.CELL_RESET_AFTER, EgruEngine.AUTO, true, true),
        // Sums of a gradient in several parts.
        new Shape(60, 9, 5, EgruVariant.CELL_RESET_AFTER, EgruEngine.EVENT, true, false));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void eventGatedLayersAreThoseOfEachAlone(BackendCase on) {
    List<Shape> shapes = shapes().toList();
    int schedule = schedule(on);
    for (int k = 0; k < shapes.size(); k++) {
      Shape shape = shapes.get(k);
      // Dense products and many steps take long where kernels run on the CPU.
      boolean both = shape.engine() != EgruEngine.DENSE && shape.steps() < 60;
      boolean first = both && (schedule < 0 || (k + schedule) % 2 == 0);
      if (first) {
        same(on, shape + "", of -> passes(of, shape, false, false));
      }
      if (!first || schedule < 0) {
        same(on, shape + ", compact, reversed", of -> passes(of, shape, true, true));
      }
    }
  }

  private static DeviceArray[] passes(
      ReplicaProblem of, Shape shape, boolean compact, boolean reversed) {
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
        of.room(DType.FLOAT64, steps, batch, 3L * units).copyFrom(gradients.currents().toDoubles());
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
      refuse(own, backend, on.type());
    }
  }

  private static void refuse(Resources own, Backend backend, DType type) {
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
}
