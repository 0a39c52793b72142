package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;

/**
 * Dense square blocks on a sparse pattern. The blocks of block row r are {@code blockOffsets[r] ..
 * blockOffsets[r+1]-1}; block k covers the sources from {@code r * blockSize} and the targets from
 * {@code blockIndices[k] * blockSize}. Weights are stored block by block, within a block row-major
 * by source. Where the numbers of units are not multiples of the block size, the last blocks extend
 * beyond them; weights there are never read and their gradient is left unchanged.
 *
 * @param sources number of rows
 * @param targets number of columns
 * @param blockSize edge of a block: 8, 16, 32 or 64
 * @param blockOffsets INT32 [ceil(sources / blockSize) + 1]; owned
 * @param blockIndices INT32 [blocks], ascending and unique within a block row; owned
 * @param weights [blocks][blockSize][blockSize]; owned
 * @param delays owned, or null for none
 */
public record BlockSparseSynapses(
    int sources,
    int targets,
    int blockSize,
    DeviceArray blockOffsets,
    DeviceArray blockIndices,
    DeviceArray weights,
    Delays delays)
    implements Synapses {

  public BlockSparseSynapses {
    checkSize(blockSize);
    int blockRows = blocksOf(sources, blockSize);
    if (blockOffsets.type() != DType.INT32 || blockOffsets.length() != blockRows + 1L) {
      throw new IllegalArgumentException(
          "blockOffsets: expected INT32 [" + (blockRows + 1L) + "], got " + blockOffsets + ".");
    }
    long expected = blockIndices.length() * blockSize * blockSize;
    if (blockIndices.type() != DType.INT32) {
      throw new IllegalArgumentException("blockIndices: expected INT32, got " + blockIndices + ".");
    }
    if (weights.length() != expected || !weights.type().isFloating()) {
      throw new IllegalArgumentException(
          "weights: expected floating-point ["
              + blockIndices.length()
              + "]["
              + blockSize
              + "]["
              + blockSize
              + "], got "
              + weights
              + ".");
    }
    if (delays != null) {
      delays.check(sources, weights.length());
    }
  }

  /** Number of blocks that cover the units. */
  public static int blocksOf(int units, int blockSize) {
    return (units + blockSize - 1) / blockSize;
  }

  /**
   * From Java arrays, checked; no delays. The caller closes the result.
   *
   * @param blockOffsets [block rows + 1], from 0 to the number of blocks
   * @param blockIndices block column of each block, ascending and unique in each block row
   * @param weights [blocks][blockSize][blockSize]
   * @throws IllegalArgumentException if the arrays are anything else
   */
  public static BlockSparseSynapses of(
      Backend backend,
      DType type,
      int sources,
      int targets,
      int blockSize,
      int[] blockOffsets,
      int[] blockIndices,
      double[] weights) {
    RowArrays.checkExtents(sources, targets);
    checkSize(blockSize);
    int blockRows = blocksOf(sources, blockSize);
    RowArrays.checkOffsets(blockOffsets, blockRows, blockIndices.length, "blockOffsets");
    for (int r = 0; r < blockRows; r++) {
      RowArrays.checkRow(
          blockIndices,
          blockOffsets[r],
          blockOffsets[r + 1],
          blocksOf(targets, blockSize),
          "blockIndices",
          r);
    }
    Resources made = new Resources();
    try {
      return new BlockSparseSynapses(
          sources,
          targets,
          blockSize,
          made.own(backend.of(blockOffsets)),
          made.own(backend.of(blockIndices)),
          made.own(
              backend.allocate(type, blockIndices.length, blockSize, blockSize).copyFrom(weights)),
          null);
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  /**
   * Includes each block independently with the same probability; the caller closes the result.
   *
   * @param density probability of a block, in (0, 1]
   * @param weights distribution of the weights
   * @param seed the same seed gives the same network on every backend and machine
   */
  public static BlockSparseSynapses random(
      Backend backend,
      DType type,
      int sources,
      int targets,
      int blockSize,
      double density,
      WeightLaw weights,
      long seed) {
    checkSize(blockSize);
    RowArrays blocks =
        RowArrays.random(
            blocksOf(sources, blockSize),
            blocksOf(targets, blockSize),
            density,
            WeightLaw.constant(1),
            seed);
    int count = Math.multiplyExact(blocks.indices().length, blockSize * blockSize);
    return of(
        backend,
        type,
        sources,
        targets,
        blockSize,
        blocks.offsets(),
        blocks.indices(),
        RowArrays.weights(weights, seed, blocks.sources(), count));
  }

  @Override
  public long count() {
    return weights.length();
  }

  @Override
  public void close() {
    blockOffsets.close();
    blockIndices.close();
    weights.close();
    if (delays != null) {
      delays.values().close();
    }
  }

  private static void checkSize(int blockSize) {
    if (blockSize != 8 && blockSize != 16 && blockSize != 32 && blockSize != 64) {
      throw new IllegalArgumentException(
          "blockSize: expected 8, 16, 32 or 64, got " + blockSize + ".");
    }
  }
}
