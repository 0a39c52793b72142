package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruTape;
import io.tacet.files.AtomicFile;
import io.tacet.files.Json;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import io.tacet.sparse.WeightLaw;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Small problems with their results by the java backend in double precision, by which the peers
 * check their results: a layer of event-gated units forward and back, the same without events (a
 * GRU), and a step of propagation over CSR synapses with its weight gradient.
 */
final class PeerData {
  private static final int UNITS = 64;
  private static final int BATCH = 4;
  private static final int STEPS = 12;
  private static final double THRESHOLD = 0.3;
  private static final int N = 256;
  private static final double DENSITY = 0.05;
  private static final double ACTIVITY = 0.1;

  private final Map<String, Object> all = new LinkedHashMap<>();
  private final SplittableRandom random = new SplittableRandom(1);

  private PeerData() {}

  /** Writes the problems as one JSON object with flat arrays; shapes are row-major. */
  static void write(Path file) throws IOException {
    PeerData data = new PeerData();
    try (Backend java = new JavaBackend(1);
        Resources open = new Resources()) {
      data.layers(java, open);
      data.propagation(java, open);
    }
    AtomicFile.writeText(file, Json.line(data.all));
  }

  private static List<Double> list(DeviceArray array) {
    return Arrays.stream(array.toDoubles()).boxed().toList();
  }

  private DeviceArray random(Backend java, Resources open, double scale, long... shape) {
    DeviceArray array = open.own(java.allocate(DType.FLOAT64, shape));
    // As they are in single precision, which is what the peers read.
    return array.copyFrom(
        random
            .doubles(array.length())
            .map(v -> (float) (scale * (2 * v - 1) * Math.sqrt(3)))
            .toArray());
  }

  private void layers(Backend java, Resources open) {
    all.put("units", UNITS);
    all.put("batch", BATCH);
    all.put("steps", STEPS);
    all.put("threshold", THRESHOLD);
    DeviceArray w = random(java, open, Math.sqrt(1.0 / UNITS), UNITS, 3L * UNITS);
    DeviceArray r = random(java, open, Math.sqrt(0.5 / UNITS), UNITS, 3L * UNITS);
    DeviceArray inputBias = random(java, open, 0.1, 3L * UNITS);
    DeviceArray recurrentBias = random(java, open, 0.1, 3L * UNITS);
    DeviceArray x = random(java, open, 1, (long) STEPS * BATCH, UNITS);
    DeviceArray errors = random(java, open, 1, STEPS, BATCH, UNITS);
    Map<String, DeviceArray> given = new LinkedHashMap<>();
    given.put("w", w);
    given.put("r", r);
    given.put("input_bias", inputBias);
    given.put("recurrent_bias", recurrentBias);
    given.put("x", x);
    given.put("errors", errors);
    given.forEach((name, array) -> all.put(name, list(array)));
    for (boolean events : new boolean[] {true, false}) {
      double[] theta = new double[UNITS];
      Arrays.fill(theta, (float) THRESHOLD);
      EgruOptions options = EgruOptions.defaults();
      EgruLayer layer =
          new EgruLayer(
              r,
              inputBias,
              recurrentBias,
              open.own(java.allocate(DType.FLOAT64, UNITS)).copyFrom(theta),
              events ? options : options.withoutEvents());
      EgruInputs inputs =
          EgruInputs.of(open.own(java.allocate(DType.FLOAT64, STEPS, BATCH, 3L * UNITS)));
      Dense.multiply(x, w, false, inputs.currents());
      DeviceArray y = open.own(java.allocate(DType.FLOAT64, STEPS, BATCH, UNITS));
      EgruTape tape = open.own(EgruTape.of(java, DType.FLOAT64, STEPS, BATCH, UNITS));
      Egru.forward(layer, inputs, new EgruOutputs(y, null, null, null), tape);
      DeviceArray gradient = open.own(java.allocate(DType.FLOAT64, UNITS, 3L * UNITS));
      DeviceArray currents = open.own(java.allocate(DType.FLOAT64, STEPS, BATCH, 3L * UNITS));
      Egru.backward(
          layer,
          inputs,
          tape,
          EgruErrors.of(errors),
          new EgruGradients(
              currents,
              gradient,
              open.own(java.allocate(DType.FLOAT64, 3L * UNITS)),
              open.own(java.allocate(DType.FLOAT64, 3L * UNITS)),
              open.own(java.allocate(DType.FLOAT64, UNITS)),
              null));
      DeviceArray inputGradient = open.own(java.allocate(DType.FLOAT64, UNITS, 3L * UNITS));
      Dense.transposedMultiply(x, currents, false, inputGradient);
      String name = events ? "egru" : "gru";
      all.put(name + "_y", list(y));
      all.put(name + "_dr", list(gradient));
      all.put(name + "_dw", list(inputGradient));
    }
  }

  private void propagation(Backend java, Resources open) {
    CsrSynapses synapses =
        open.own(CsrSynapses.random(java, DType.FLOAT64, N, N, DENSITY, WeightLaw.normal(0, 1), 1));
    DeviceArray active = open.own(java.allocate(DType.FLOAT64, 1, N));
    active.copyFrom(random.doubles(N).map(v -> v < ACTIVITY ? 1 : 0).toArray());
    Events events = open.own(Events.binary(java, 1, N)).compact(active);
    DeviceArray sums = open.own(java.allocate(DType.FLOAT64, 1, N));
    DeviceArray adjoint = random(java, open, 1, 1, N);
    DeviceArray gradient = open.own(java.allocate(DType.FLOAT64, synapses.count()));
    EventPropagation propagation = open.own(EventPropagation.of(synapses, 1));
    propagation.forward(events, sums);
    propagation.weightGradient(events, adjoint, gradient);
    all.put("n", N);
    all.put("offsets", ints(synapses.rowOffsets().toInts()));
    short[] indices = synapses.indices().toShorts();
    all.put(
        "indices",
        IntStream.range(0, indices.length).mapToObj(k -> Short.toUnsignedInt(indices[k])).toList());
    all.put("weights", list(synapses.weights()));
    all.put("active", list(active));
    all.put("adjoint", list(adjoint));
    all.put("currents", list(sums));
    all.put("weight_gradient", list(gradient));
  }

  private static List<Integer> ints(int[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
