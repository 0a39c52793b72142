package io.tacet.sparse;

import io.tacet.memory.DType;

/** The oracle: a connectivity as a list of synapses, and the three products as plain loops. */
final class NaivePropagation {
  /** Source, target, position in the weights, and weight. */
  record Synapse(int source, int target, int position, double weight) {}

  private final java.util.List<Synapse> synapses = new java.util.ArrayList<>();
  private final int targets;

  NaivePropagation(Synapses from) {
    targets = from.targets();
    if (from instanceof DenseSynapses dense) {
      double[] w = dense.weights().toDoubles();
      for (int s = 0; s < w.length; s++) {
        synapses.add(new Synapse(s / targets, s % targets, s, w[s]));
      }
    } else if (from instanceof CsrSynapses csr) {
      addRows(csr.rowOffsets().toInts(), csr.indices().toInts(), csr);
    } else if (from instanceof FixedFanOutSynapses fixed) {
      int[] offsets = new int[fixed.sources() + 1];
      java.util.Arrays.setAll(offsets, i -> i * fixed.fanOut());
      addRows(offsets, fixed.indices().toInts(), fixed);
    } else if (from instanceof BlockSparseSynapses blocks) {
      addBlocks(blocks);
    } else if (from instanceof ProceduralSynapses procedural) {
      try (CsrSynapses csr = procedural.toCsr(DType.FLOAT32)) {
        addRows(csr.rowOffsets().toInts(), csr.indices().toInts(), csr);
      }
    }
  }

  private void addRows(int[] offsets, int[] indices, Synapses stored) {
    double[] w = stored.weights().toDoubles();
    for (int i = 0; i + 1 < offsets.length; i++) {
      for (int s = offsets[i]; s < offsets[i + 1]; s++) {
        synapses.add(new Synapse(i, indices[s], s, w[s]));
      }
    }
  }

  private void addBlocks(BlockSparseSynapses blocks) {
    int size = blocks.blockSize();
    int[] offsets = blocks.blockOffsets().toInts();
    int[] columns = blocks.blockIndices().toInts();
    double[] w = blocks.weights().toDoubles();
    for (int r = 0; r + 1 < offsets.length; r++) {
      for (int s = offsets[r] * size * size; s < offsets[r + 1] * size * size; s++) {
        int block = s / (size * size);
        int source = r * size + s / size % size;
        int target = columns[block] * size + s % size;
        if (source < blocks.sources() && target < targets) {
          synapses.add(new Synapse(source, target, s, w[s]));
        }
      }
    }
  }

  /** Delay of a synapse. */
  interface DelayOf {
    int steps(Synapse synapse);
  }

  private int at(int slot, int slots, DelayOf delay, Synapse s, int batch, int sample) {
    return (((slot + delay.steps(s)) % slots) * batch + sample) * targets + s.target;
  }

  /**
   * Currents [slots][batch][targets] for a dense activity [batch][sources], and in {@code sizes}
   * the sums of the magnitudes, which bound the rounding errors.
   */
  void forward(
      double[] x, int batch, int slot, int slots, DelayOf delay, double[] out, double[] sizes) {
    int sources = x.length / batch;
    for (int b = 0; b < batch; b++) {
      for (Synapse s : synapses) {
        int at = at(slot, slots, delay, s, batch, b);
        double term = x[b * sources + s.source] * s.weight;
        out[at] += term;
        sizes[at] += Math.abs(term);
      }
    }
  }

  /** Dot products [batch][sources] of all rows with an adjoint [slots][batch][targets]. */
  double[] transposed(
      double[] adjoint, int batch, int sources, int slot, int slots, DelayOf delay) {
    double[] sums = new double[batch * sources];
    for (int b = 0; b < batch; b++) {
      for (Synapse s : synapses) {
        sums[b * sources + s.source] += s.weight * adjoint[at(slot, slots, delay, s, batch, b)];
      }
    }
    return sums;
  }

  /** What the gradient of the weights [count] grows by. */
  double[] gradient(
      double[] x, double[] adjoint, int count, int batch, int slot, int slots, DelayOf delay) {
    int sources = x.length / batch;
    double[] gradient = new double[count];
    for (int b = 0; b < batch; b++) {
      for (Synapse s : synapses) {
        gradient[s.position] +=
            x[b * sources + s.source] * adjoint[at(slot, slots, delay, s, batch, b)];
      }
    }
    return gradient;
  }
}
