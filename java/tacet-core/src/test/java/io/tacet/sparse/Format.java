package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import java.util.ArrayList;
import java.util.List;

/** The formats of synapses, each able to make a random connectivity for a test. */
enum Format {
  DENSE,
  CSR,
  CSR_WIDE_INDICES,
  FIXED_FAN_OUT,
  BLOCKS_OF_8,
  BLOCKS_OF_32,
  PROCEDURAL;

  private static final WeightLaw LAW = WeightLaw.normal(0.1, 1);

  Synapses random(
      Backend backend, DType type, int sources, int targets, double density, long seed) {
    int fanOut = Math.max(1, (int) Math.round(density * targets));
    return switch (this) {
      case DENSE -> {
        double[] w = RowArrays.weights(LAW, seed, sources, sources * targets);
        yield DenseSynapses.of(backend, type, sources, targets, w);
      }
      case CSR -> CsrSynapses.upload(backend, type, csr(sources, targets, density, seed));
      case CSR_WIDE_INDICES -> {
        RowArrays rows = csr(sources, targets, density, seed);
        yield new CsrSynapses(
            sources,
            targets,
            backend.of(rows.offsets()),
            backend.of(rows.indices()),
            backend.allocate(type, rows.weights().length).copyFrom(rows.weights()),
            null);
      }
      case FIXED_FAN_OUT ->
          FixedFanOutSynapses.random(backend, type, sources, targets, fanOut, LAW, seed);
      case BLOCKS_OF_8 -> checkerboard(backend, type, sources, targets, 8, seed);
      case BLOCKS_OF_32 -> checkerboard(backend, type, sources, targets, 32, seed);
      case PROCEDURAL -> new ProceduralSynapses(backend, sources, targets, fanOut, LAW, seed);
    };
  }

  private static RowArrays csr(int sources, int targets, double density, long seed) {
    RowArrays rows = RowArrays.random(sources, targets, density, LAW, seed);
    // A connectivity needs a synapse.
    return rows.indices().length > 0 ? rows : RowArrays.random(sources, targets, 1, LAW, seed);
  }

  /** A checkerboard of blocks with a full first row. */
  private static BlockSparseSynapses checkerboard(
      Backend backend, DType type, int sources, int targets, int size, long seed) {
    int blockRows = BlockSparseSynapses.blocksOf(sources, size);
    int[] offsets = new int[blockRows + 1];
    List<Integer> columns = new ArrayList<>();
    for (int r = 0; r < blockRows; r++) {
      for (int c = 0; c < BlockSparseSynapses.blocksOf(targets, size); c++) {
        if (r == 0 || c % 2 == r % 2) {
          columns.add(c);
        }
      }
      offsets[r + 1] = columns.size();
    }
    int[] indices = columns.stream().mapToInt(c -> c).toArray();
    double[] weights = RowArrays.weights(LAW, seed, sources, indices.length * size * size);
    return BlockSparseSynapses.of(backend, type, sources, targets, size, offsets, indices, weights);
  }
}
