package io.tacet.bench;

import io.tacet.bench.KernelShape.Case;
import io.tacet.bench.KernelShape.Room;
import io.tacet.cuda.EgruPlan;
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
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sequences through an EGRU layer as {@link EgruBenchmark} has them: the recurrent part by every
 * engine that the device has for the size, or the whole layer with its input product by the engine
 * that is chosen, for comparison with the layers of others; and a single step of a stream.
 */
final class EgruShapes {
  private static final List<EgruEngine> ENGINES =
      List.of(EgruEngine.PERSISTENT, EgruEngine.EVENT, EgruEngine.DENSE);

  /** Larger layers are compared with another engine: the java backend would take seconds. */
  private static final int MOST_COMPARED_WITH_JAVA = 1024;

  private final Room room;
  private final int units;
  private final int batch;
  private final int steps;
  private final double threshold;
  private final EgruLayer layer;
  private final EgruInputs inputs;
  private final EgruOutputs outputs;
  private final EgruTape tape;
  private final EgruErrors errors;
  private final EgruGradients gradients;

  private EgruShapes(Room room, int units, int batch, int steps, double threshold) {
    this.room = room;
    this.units = units;
    this.batch = batch;
    this.steps = steps;
    this.threshold = threshold;
    float[] theta = new float[units];
    Arrays.fill(theta, (float) threshold);
    long wide = 3L * units;
    layer =
        new EgruLayer(
            room.normal(Math.sqrt(0.5 / units), units, wide),
            room.floats(wide).zero(),
            room.floats(wide).zero(),
            room.own(room.backend.of(theta)),
            EgruOptions.defaults());
    inputs = EgruInputs.of(room.normal(1, steps, batch, wide));
    outputs = new EgruOutputs(room.floats(steps, batch, units), null, null, null);
    tape = room.own(EgruTape.of(room.backend, DType.FLOAT32, steps, batch, units));
    errors = EgruErrors.of(room.normal(1, steps, batch, units));
    gradients =
        new EgruGradients(
            room.floats(steps, batch, wide),
            room.floats(units, wide).zero(),
            room.floats(wide).zero(),
            room.floats(wide).zero(),
            room.floats(units).zero(),
            null);
  }

  /** Forward and backward by each engine. */
  static KernelShape recurrent(int units, int batch, int steps, double threshold) {
    return new KernelShape(
        "EGRU units " + units + " batch " + batch + " threshold " + threshold,
        List.of("egruForward", "egruBackward"),
        room -> new EgruShapes(room, units, batch, steps, threshold).recurrentCases());
  }

  /** A layer with as many inputs as units. */
  static KernelShape layer(int units, int batch, int steps, double threshold) {
    return new KernelShape(
        "EGRU layer units " + units + " batch " + batch + " steps " + steps,
        List.of("layerForward", "trainingPass"),
        room -> new EgruShapes(room, units, batch, steps, threshold).layerCases());
  }

  /** The next step after a sequence of {@code before} steps, by events and without a tape. */
  static KernelShape step(int units, int batch, int before, double threshold) {
    return new KernelShape(
        "EGRU step units " + units + " batch " + batch + " threshold " + threshold,
        List.of("egruStep"),
        room -> List.of(new EgruShapes(room, units, batch, before, threshold).stepCase()));
  }

  private Case stepCase() {
    EgruState before = new EgruState(room.floats(batch, units), room.floats(batch, units));
    Egru.forward(layer, inputs, new EgruOutputs(null, null, before, null), null);
    double events = 0;
    for (float y : before.y().toFloats()) {
      events += y == 0 ? 0 : 1;
    }
    EgruInputs next = new EgruInputs(room.normal(1, 1, batch, 3L * units), null, before, false, 0);
    EgruState after = new EgruState(room.floats(batch, units), room.floats(batch, units));
    EgruOutputs last = new EgruOutputs(null, null, after, null);
    EgruLayer byEvents = by(EgruEngine.EVENT);
    return of(
        "egruStep",
        EgruEngine.EVENT,
        next,
        events / batch / units,
        room.backend.egruPlan(byEvents, next).forward().toString(),
        () -> Egru.forward(byEvents, next, last, null),
        () -> {
          float[] found = after.h().toFloats();
          Egru.forward(by(EgruEngine.DENSE), next, last, null);
          Agreement.close(
              "states",
              Agreement.doubles(found),
              Agreement.doubles(after.h().toFloats()),
              Agreement.SPIKE_TOLERANCE);
        });
  }

  private List<Case> recurrentCases() {
    double activity = activity();
    EgruEngine chosen = room.backend.egruEngine(layer, inputs);
    List<Case> cases = new ArrayList<>();
    for (EgruEngine engine : ENGINES) {
      EgruLayer with = by(engine);
      EgruEngine taken = room.backend.egruEngine(with, inputs);
      // The weights of larger layers do not fit on chip.
      if (taken == engine) {
        String note = "engine " + engine + (engine == chosen ? ", which AUTO takes" : "");
        cases.add(
            of(
                "egruForward",
                engine,
                activity,
                note,
                () -> Egru.forward(with, inputs, outputs, tape),
                () -> compare(with)));
        cases.add(
            of(
                "egruBackward",
                engine,
                activity,
                note,
                () -> Egru.backward(with, inputs, tape, errors, gradients),
                // By the same engine; EgruCheck has compared both passes.
                () -> Egru.forward(with, inputs, outputs, tape)));
      }
    }
    return cases;
  }

  private List<Case> layerCases() {
    DeviceArray x = room.normal(1, (long) steps * batch, units);
    DeviceArray weights = room.normal(Math.sqrt(1.0 / units), units, 3L * units);
    DeviceArray inputGradient = room.floats(units, 3L * units);
    Dense.multiply(x, weights, false, inputs.currents());
    double activity = activity();
    EgruEngine chosen = room.backend.egruEngine(layer, inputs);
    String note = "engine " + chosen + ", products by " + room.backend.denseProducts();
    return List.of(
        of(
            "layerForward",
            EgruEngine.AUTO,
            activity,
            note,
            () -> {
              Dense.multiply(x, weights, false, inputs.currents());
              Egru.forward(layer, inputs, outputs, null);
            },
            () -> compare(by(chosen))),
        of(
            "trainingPass",
            EgruEngine.AUTO,
            activity,
            note,
            () -> {
              Dense.multiply(x, weights, false, inputs.currents());
              Egru.forward(layer, inputs, outputs, tape);
              Egru.backward(layer, inputs, tape, errors, gradients);
              Dense.transposedMultiply(x, gradients.currents(), false, inputGradient);
            },
            () -> {}));
  }

  private EgruLayer by(EgruEngine engine) {
    return new EgruLayer(
        layer.recurrent(),
        layer.inputBias(),
        layer.recurrentBias(),
        layer.thresholds(),
        layer.options().engine(engine));
  }

  private Case of(
      String method,
      EgruEngine engine,
      double activity,
      String note,
      Runnable call,
      Runnable check) {
    return of(method, engine, inputs, activity, note, call, check);
  }

  private Case of(
      String method,
      EgruEngine engine,
      EgruInputs given,
      double activity,
      String note,
      Runnable call,
      Runnable check) {
    Map<String, Double> counters = new LinkedHashMap<>();
    counters.put("activity", activity);
    EgruPlan.Pass forward = room.backend.egruPlan(by(engine), given).forward();
    counters.put("engine", (double) EgruBenchmark.ENGINES.indexOf(forward.engine()));
    counters.put("blocks", (double) forward.blocks());
    Map<String, String> params =
        KernelShape.params(
            "units",
            units,
            "batch",
            batch,
            "steps",
            given.steps(),
            "threshold",
            threshold,
            "engine",
            engine);
    return Case.of(method, params, counters, note, call, check);
  }

  /** Events per unit and step; leaves a tape to go back by. */
  private double activity() {
    DeviceArray counts = room.own(room.backend.allocate(DType.INT32, units)).zero();
    Egru.forward(layer, inputs, new EgruOutputs(outputs.y(), null, null, counts), tape);
    double events = Arrays.stream(counts.toInts()).asLongStream().sum();
    return events / steps / batch / units;
  }

  private void compare(EgruLayer with) {
    boolean small = units <= MOST_COMPARED_WITH_JAVA;
    EgruEngine another =
        with.options().engine() == EgruEngine.DENSE ? EgruEngine.EVENT : EgruEngine.DENSE;
    EgruCheck.compare(with, small ? null : by(another), outputs.y(), errors.y(), inputs.currents());
  }
}
