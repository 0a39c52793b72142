package io.tacet.bench;

import java.util.Map;
import java.util.function.Function;

/** Maps benchmarks to floors; each floor is defined in its benchmark. */
final class Floors {
  private static final Map<String, Function<Timing, Floor>> ALL =
      Map.ofEntries(
          Map.entry("PropagationBenchmark", PropagationBenchmark::floor),
          Map.entry("CompactionBenchmark", CompactionBenchmark::floor),
          Map.entry("EventPropBenchmark", EventPropBenchmark::floor),
          Map.entry("EgruBenchmark", EgruBenchmark::floor),
          Map.entry("EgruReplicaBenchmark", EgruReplicaBenchmark::floor),
          Map.entry("SparseEgruBenchmark", SparseEgruBenchmark::floor),
          Map.entry("RnnBenchmark", RnnBenchmark::floor),
          Map.entry("EgruStreamBenchmark", EgruStreamBenchmark::floor),
          Map.entry("OptimizerBenchmark", OptimizerBenchmark::floor),
          Map.entry("RewiringBenchmark", RewiringBenchmark::floor),
          Map.entry("EliminationBenchmark", EliminationBenchmark::floor),
          Map.entry("OjaBenchmark", OjaBenchmark::floor),
          Map.entry("CompetitionBenchmark", CompetitionBenchmark::floor),
          Map.entry("LanguageStepBenchmark", LanguageStepBenchmark::floor),
          Map.entry("SimulationBenchmark", SimulationBenchmark::floor),
          Map.entry("DeviceKernels", m -> of(DeviceKernels.likeBenchmark(m))),
          // Peers, which are not always compiled, do the work of one of ours without its sparsity,
          // or the very same.
          Map.entry("EjmlBenchmark", PropagationBenchmark::floor),
          Map.entry("TorchGruBenchmark", m -> denseGates(m, 3)),
          Map.entry("OnnxGruBenchmark", m -> denseGates(m, 3)),
          Map.entry("Nd4jGruBenchmark", m -> denseGates(m, 3)),
          Map.entry("TorchLstmBenchmark", m -> denseGates(m, 4)),
          Map.entry("TorchSequenceBenchmark", Floors::denseSequence),
          Map.entry("OnnxSequenceBenchmark", Floors::denseSequence),
          Map.entry("TorchSparseBenchmark", Floors::sparseProduct),
          Map.entry("TorchProductBenchmark", Floors::product),
          Map.entry("Nd4jProductBenchmark", Floors::product));

  private Floors() {}

  /** The floor of what was measured; null where none is known, as for a ceiling. */
  static Floor of(Timing measured) {
    Function<Timing, Floor> floor = ALL.get(measured.className());
    return floor == null ? null : floor.apply(measured);
  }

  /** A step of a layer with as many inputs as units: all weights once. */
  private static Floor denseGates(Timing m, int gates) {
    double units = m.number("units");
    double weights = 2 * gates * units * units;
    return Floor.flops(2 * weights * m.number("batch")).stream(4 * weights, 4 * weights);
  }

  /** A whole layer, in which every unit is active. */
  private static Floor denseSequence(Timing m) {
    return EgruBenchmark.layer(m, 1, m.method().equals("trainingPass"));
  }

  /** A sparse matrix times a dense vector: all synapses, with 32-bit indices of their targets. */
  private static Floor sparseProduct(Timing m) {
    double synapses = m.number("n") * m.number("n") * m.number("density");
    return Floor.flops(2 * synapses).stream(8 * synapses, 8 * synapses);
  }

  /** A dense vector, or many, times an n x n matrix. */
  private static Floor product(Timing m) {
    double weights = m.number("n") * m.number("n");
    double vectors = 2 * m.number("n") * m.number("batch");
    return Floor.flops(2 * weights * m.number("batch")).stream(4 * weights, 4 * weights).stream(
        4 * vectors, 4 * vectors);
  }
}
