package io.tacet.systems.dentate;

import io.tacet.Backend;
import io.tacet.analysis.PopulationCode;
import io.tacet.circuits.RateCircuit;
import io.tacet.circuits.RateNeuron;
import io.tacet.circuits.RateProjection;
import io.tacet.circuits.RateRun;
import io.tacet.circuits.RateSums;
import io.tacet.memory.DType;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The experiment of Galloni et al. (2022): a network of the dentate gyrus answers all patterns of
 * seven binary inputs, 350 ms each, and the mean rates of the last 200 ms count.
 */
public final class Dentate {
  /** Number of patterns: all subsets of the inputs. */
  public static final int PATTERNS = 1 << Cells.INPUT.size();

  /** What counts as the similarity of two patterns one of which has no answer. */
  public static final double SILENT = 1;

  private static final RateNeuron NEURON = new RateNeuron(60, -10, 1, 10, 50);
  private static final double DT = 1;
  private static final int STEPS = 350;
  private static final int FROM = 150;

  private Dentate() {}

  /** All patterns, by the number of active inputs, [patterns][inputs] of 0 and 1. */
  public static double[] patterns() {
    List<Integer> ordered =
        IntStream.range(0, PATTERNS)
            .boxed()
            .sorted(Comparator.comparingInt(Integer::bitCount))
            .toList();
    int inputs = Cells.INPUT.size();
    double[] patterns = new double[PATTERNS * inputs];
    for (int i = 0; i < patterns.length; i++) {
      patterns[i] = ordered.get(i / inputs) >> (inputs - 1 - i % inputs) & 1;
    }
    return patterns;
  }

  /** Simulates by event propagation, in double precision where the backend has it. */
  public static RateRun run(Backend backend, DentateNetwork network) {
    return run(backend, network, RateSums.Method.EVENTS);
  }

  /** Simulates. */
  public static RateRun run(Backend backend, DentateNetwork network, RateSums.Method method) {
    return run(backend, network, method, STEPS, FROM);
  }

  /** Simulates for so many steps, of which those from {@code from} on count. */
  static RateRun run(
      Backend backend, DentateNetwork network, RateSums.Method method, int steps, int from) {
    DType type = backend.supports(DType.FLOAT64) ? DType.FLOAT64 : DType.FLOAT32;
    List<RateProjection> projections =
        network.pathways().stream()
            .map(
                pathway ->
                    new RateProjection(
                        pathway.from().label(), pathway.to().label(), network.weights(pathway)))
            .toList();
    try (RateCircuit circuit =
        new RateCircuit(
            backend, type, NEURON, Cells.populations(), projections, PATTERNS, method)) {
      return circuit.run(patterns(), DT, steps, from);
    }
  }

  /** The code of the granule cells. */
  public static PopulationCode code(Backend backend, DentateNetwork network) {
    return output(run(backend, network));
  }

  /** The patterns as a code of the inputs. */
  static PopulationCode input() {
    return new PopulationCode(PATTERNS, Cells.INPUT.size(), patterns());
  }

  /** The code of the granule cells in a run. */
  static PopulationCode output(RateRun run) {
    return new PopulationCode(PATTERNS, Cells.OUTPUT.size(), run.of(Cells.OUTPUT.label()));
  }
}
