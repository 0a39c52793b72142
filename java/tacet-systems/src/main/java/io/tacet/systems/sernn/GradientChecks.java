package io.tacet.systems.sernn;

import io.tacet.Backend;
import io.tacet.dense.Activation;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Connection;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.RecurrentSynapses;
import io.tacet.network.TrainingOptions;
import io.tacet.network.Weights;
import io.tacet.reference.JavaBackend;
import io.tacet.systems.Report;
import io.tacet.training.WiringCost;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Costs of wiring against central differences, and of sparse against dense synapses. */
final class GradientChecks {
  private static final double STRENGTH = 0.1;
  private static final double STEP = 1e-5;
  private static final int CHECKED = 40;
  private static final int TERMS = 6;

  private GradientChecks() {}

  /** Adds the gates of the unit test. */
  static void run(Report report) {
    try (Backend backend = new JavaBackend(1);
        Network dense = build(backend, Connection.dense(Weights.orthogonal()))) {
      costs()
          .forEach(
              (name, cost) -> {
                double error = differences(dense, cost);
                report.atMost("A7", "gradient error, " + name, error, 1e-4, "");
              });
      sparse(backend, dense, report);
    }
  }

  private static Map<String, WiringCost> costs() {
    Map<String, WiringCost> costs = new LinkedHashMap<>();
    costs.put("L1", WiringCost.weight(STRENGTH));
    costs.put("distance", WiringCost.length(STRENGTH, EmbeddedNetwork.GRID));
    costs.put("communicability", WiringCost.communicability(STRENGTH));
    costs.put("seRNN", WiringCost.spatial(STRENGTH, EmbeddedNetwork.GRID));
    return costs;
  }

  private static Network build(Backend backend, Connection recurrent) {
    return Network.on(backend)
        .precision(DType.FLOAT64)
        .sequence(ChoiceTask.CHANNELS)
        .rnn(EmbeddedNetwork.UNITS, Activation.RELU, Connection.dense(), recurrent)
        .readoutOfLastStep(ChoiceTask.CLASSES)
        .build(7);
  }

  private static RecurrentSynapses synapses(Network network) {
    return network.layers().get(0).recurrent().get(0);
  }

  private static double[] gradient(Network network, WiringCost cost) {
    try (Pass pass = new Pass(network, PassShape.steps(1, 1, TrainingOptions.PLAIN))) {
      network.zeroGradients();
      cost.applyToGradients(pass);
      return synapses(network).gradient().toDoubles();
    }
  }

  /** Largest error of some of the gradient, relative to its largest element. */
  private static double differences(Network network, WiringCost cost) {
    double[] gradient = gradient(network, cost);
    DeviceArray array = synapses(network).weights();
    double[] weights = array.toDoubles();
    SplittableRandom random = new SplittableRandom(5);
    double error = 0;
    for (int k = 0; k < CHECKED; k++) {
      int w = random.nextInt(weights.length);
      if (Math.abs(weights[w]) > 2 * STEP) {
        double own = weights[w];
        weights[w] = own + STEP;
        array.copyFrom(weights);
        double above = cost.value(network);
        weights[w] = own - STEP;
        array.copyFrom(weights);
        double below = cost.value(network);
        weights[w] = own;
        error = Math.max(error, Math.abs(gradient[w] - (above - below) / (2 * STEP)));
      }
    }
    array.copyFrom(weights);
    return error / largest(gradient);
  }

  private static double largest(double[] values) {
    double most = 0;
    for (double value : values) {
      most = Math.max(most, Math.abs(value));
    }
    return most;
  }

  /** The same weights on a pattern of all synapses, with six terms of the series. */
  private static void sparse(Backend backend, Network dense, Report report) {
    int units = EmbeddedNetwork.UNITS;
    int[] offsets = new int[units + 1];
    int[] indices = new int[units * units];
    for (int k = 0; k < indices.length; k++) {
      indices[k] = k % units;
      offsets[k / units + 1] = k + 1;
    }
    WiringCost cost = WiringCost.spatial(STRENGTH, EmbeddedNetwork.GRID).terms(TERMS);
    try (Network sparse = build(backend, Connection.pattern(offsets, indices))) {
      synapses(sparse).weights().copyFrom(synapses(dense).weights().toDoubles());
      double exact = cost.value(dense);
      double[] expected = gradient(dense, cost);
      double[] found = gradient(sparse, cost);
      double product = 0;
      double squares = 0;
      double others = 0;
      double error = 0;
      for (int w = 0; w < expected.length; w++) {
        product += expected[w] * found[w];
        squares += expected[w] * expected[w];
        others += found[w] * found[w];
        error = Math.max(error, Math.abs(expected[w] - found[w]));
      }
      double off = Math.abs(cost.value(sparse) / exact - 1);
      report.atMost("A7", "sparse, 6 terms: error of the value", off, 5e-4, "1e-4 re-simulated");
      double cosine = product / Math.sqrt(squares * others);
      report.atLeast("A7", "sparse, 6 terms: cosine of gradients", cosine, 0.99999, "");
      double part = error / largest(expected);
      report.atMost(
          "A7", "sparse, 6 terms: error of the gradient", part, 1e-3, "1.1e-4 re-simulated");
    }
  }
}
