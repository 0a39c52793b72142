package io.tacet.bench;

import io.tacet.bench.KernelShape.Case;
import io.tacet.bench.KernelShape.Room;
import io.tacet.dense.Activation;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.rnn.Rnn;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import io.tacet.sparse.SparsePattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sequences through recurrent layers whose weights are on a sparse pattern, as {@link
 * SparseEgruBenchmark} and {@link RnnBenchmark} have them.
 */
final class SparseShapes {
  private SparseShapes() {}

  /** Event-gated units, by the engine that AUTO takes and by EVENT where that is another. */
  static KernelShape egru(int units, double density, int batch, int steps, double threshold) {
    return new KernelShape(
        "sparse EGRU units " + units + " density " + density + " batch " + batch,
        List.of("sparseEgruForward", "sparseEgruBackward"),
        room -> new SparseEgru(room, units, density, batch, steps, threshold).cases());
  }

  /** Plain recurrent units. */
  static KernelShape rnn(int units, double density, int batch, int steps) {
    return new KernelShape(
        "sparse RNN units " + units + " density " + density + " batch " + batch,
        List.of("rnnForward", "rnnBackward"),
        room -> rnnCases(room, units, density, batch, steps));
  }

  private static SparsePattern pattern(Room room, int units, double density) {
    return SparsePattern.of(room.own(DenseTwin.random(room.backend, units, density)));
  }

  private static List<Case> rnnCases(Room room, int units, double density, int batch, int steps) {
    SparsePattern pattern = pattern(room, units, density);
    DeviceArray weights = room.normal(Math.sqrt(0.5 / (units * density)), pattern.places());
    RnnLayer layer = new RnnLayer(weights, pattern, room.normal(0.1, units), Activation.TANH);
    DeviceArray currents = room.normal(1, steps, batch, units);
    DeviceArray values = room.floats(steps, batch, units);
    DeviceArray errors = room.normal(1, steps, batch, units);
    RnnGradients gradients =
        new RnnGradients(
            room.floats(steps, batch, units),
            room.floats(pattern.places()).zero(),
            room.floats(units).zero(),
            null);
    Map<String, String> params =
        KernelShape.params("units", units, "density", density, "batch", batch, "steps", steps);
    return List.of(
        Case.of(
            "rnnForward",
            params,
            Map.of(),
            "",
            () -> Rnn.forward(layer, currents, null, values, null),
            () -> RnnCheck.compare(layer, currents, values)),
        Case.of(
            "rnnBackward",
            params,
            Map.of(),
            "",
            () -> Rnn.backward(layer, values, null, errors, gradients),
            () -> {}));
  }

  /** One layer and sequence. */
  private static final class SparseEgru {
    private final Room room;
    private final Map<String, String> params;
    private final int units;
    private final EgruLayer layer;
    private final EgruInputs inputs;
    private final EgruOutputs outputs;
    private final EgruTape tape;
    private final EgruErrors errors;
    private final EgruGradients gradients;

    SparseEgru(Room room, int units, double density, int batch, int steps, double threshold) {
      this.room = room;
      this.units = units;
      params =
          KernelShape.params(
              "units",
              units,
              "density",
              density,
              "batch",
              batch,
              "steps",
              steps,
              "threshold",
              threshold);
      float[] theta = new float[units];
      Arrays.fill(theta, (float) threshold);
      long wide = 3L * units;
      SparsePattern pattern = pattern(room, units, density);
      layer =
          new EgruLayer(
              room.normal(Math.sqrt(0.5 / (units * density)), pattern.places(), 3),
              pattern,
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
              room.floats(pattern.places(), 3).zero(),
              room.floats(wide).zero(),
              room.floats(wide).zero(),
              room.floats(units).zero(),
              null);
    }

    List<Case> cases() {
      DeviceArray counts = room.own(room.backend.allocate(DType.INT32, units)).zero();
      Egru.forward(layer, inputs, new EgruOutputs(outputs.y(), null, null, counts), tape);
      double events = Arrays.stream(counts.toInts()).asLongStream().sum();
      double activity = events / outputs.y().length();
      EgruEngine chosen = room.backend.egruEngine(layer, inputs.activity(activity));
      List<Case> cases = new ArrayList<>(by(EgruEngine.AUTO, chosen, activity));
      if (chosen != EgruEngine.EVENT) {
        cases.addAll(by(EgruEngine.EVENT, EgruEngine.EVENT, activity));
      }
      return cases;
    }

    private List<Case> by(EgruEngine engine, EgruEngine taken, double activity) {
      EgruLayer with =
          new EgruLayer(
              layer.recurrent(),
              layer.pattern(),
              layer.inputBias(),
              layer.recurrentBias(),
              layer.thresholds(),
              layer.options().engine(engine));
      EgruInputs known = inputs.activity(activity);
      Map<String, String> named = new LinkedHashMap<>(params);
      named.put("engine", engine.toString());
      Map<String, Double> counters =
          Map.of("activity", activity, "engine", (double) EgruBenchmark.ENGINES.indexOf(taken));
      String note = "engine " + taken;
      return List.of(
          Case.of(
              "sparseEgruForward",
              named,
              counters,
              note,
              () -> Egru.forward(with, known, outputs, tape),
              () -> EgruCheck.compare(with, dense(), outputs.y(), errors.y(), inputs.currents())),
          Case.of(
              "sparseEgruBackward",
              named,
              counters,
              note,
              () -> Egru.backward(with, known, tape, errors, gradients),
              () -> {}));
    }

    /** The same weights as a dense matrix on the same device. */
    private EgruLayer dense() {
      DenseTwin twin = new DenseTwin(layer.pattern(), layer.gatesPerSynapse());
      return new EgruLayer(
          room.own(twin.dense(room.backend, DType.FLOAT32, layer.recurrent())),
          layer.inputBias(),
          layer.recurrentBias(),
          layer.thresholds(),
          layer.options().engine(EgruEngine.DENSE));
    }
  }
}
