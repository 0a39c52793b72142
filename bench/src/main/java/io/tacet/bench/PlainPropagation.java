package io.tacet.bench;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.BlockSparseSynapses;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.Events;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.ProceduralSynapses;
import io.tacet.sparse.Synapses;

/**
 * Event propagation as loops over every synapse of an active source, in double precision: the
 * reference for the measured versions, whatever the format of their synapses.
 */
final class PlainPropagation {
  /** A synapse of the source at hand; {@code place} is that of its weight. */
  private interface Visitor {
    void synapse(int target, int place);
  }

  /** Goes through the synapses of a source. */
  private interface Rows {
    void visit(int source, Visitor visitor);
  }

  /** An event of a sample; {@code place} is that of its unit in the lists. */
  private interface Each {
    void event(int sample, int source, int place);
  }

  private final int sources;
  private final int targets;
  private final float[] weights;
  private final Rows rows;

  /** Copies the synapses to the host. */
  PlainPropagation(Synapses synapses) {
    sources = synapses.sources();
    targets = synapses.targets();
    if (synapses instanceof ProceduralSynapses procedural) {
      try (CsrSynapses stored = procedural.toCsr(DType.FLOAT32)) {
        weights = stored.weights().toFloats();
        rows = csr(stored);
      }
    } else {
      weights = synapses.weights().toFloats();
      rows = rows(synapses);
    }
  }

  private static Rows rows(Synapses synapses) {
    if (synapses instanceof CsrSynapses csr) {
      return csr(csr);
    } else if (synapses instanceof FixedFanOutSynapses fixed) {
      int[] indices = integers(fixed.indices());
      int fanOut = indices.length / fixed.sources();
      return (source, visitor) -> {
        for (int s = source * fanOut; s < (source + 1) * fanOut; s++) {
          visitor.synapse(indices[s], s);
        }
      };
    } else if (synapses instanceof BlockSparseSynapses blocks) {
      return blocks(blocks);
    }
    int width = ((DenseSynapses) synapses).targets();
    return (source, visitor) -> {
      for (int target = 0; target < width; target++) {
        visitor.synapse(target, source * width + target);
      }
    };
  }

  private static Rows csr(CsrSynapses csr) {
    int[] offsets = csr.rowOffsets().toInts();
    int[] indices = integers(csr.indices());
    return (source, visitor) -> {
      for (int s = offsets[source]; s < offsets[source + 1]; s++) {
        visitor.synapse(indices[s], s);
      }
    };
  }

  private static Rows blocks(BlockSparseSynapses blocks) {
    int[] offsets = blocks.blockOffsets().toInts();
    int[] indices = blocks.blockIndices().toInts();
    int size = blocks.blockSize();
    return (source, visitor) -> {
      for (int k = offsets[source / size]; k < offsets[source / size + 1]; k++) {
        for (int c = 0; c < size && indices[k] * size + c < blocks.targets(); c++) {
          visitor.synapse(indices[k] * size + c, (k * size + source % size) * size + c);
        }
      }
    };
  }

  private static int[] integers(DeviceArray indices) {
    if (indices.type() != DType.UINT16) {
      return indices.toInts();
    }
    short[] narrow = indices.toShorts();
    int[] wide = new int[narrow.length];
    for (int s = 0; s < narrow.length; s++) {
      wide[s] = Short.toUnsignedInt(narrow[s]);
    }
    return wide;
  }

  private void each(Events events, Each each) {
    int[] counts = events.counts().toInts();
    int[] units = events.units().toInts();
    for (int b = 0; b < counts.length; b++) {
      for (int e = 0; e < counts[b]; e++) {
        each.event(b, units[b * sources + e], b * sources + e);
      }
    }
  }

  /** Currents of the targets, [batch][targets]. */
  double[] forward(Events events) {
    double[] sums = new double[events.batch() * targets];
    each(
        events,
        (b, source, place) ->
            rows.visit(source, (target, s) -> sums[b * targets + target] += weights[s]));
    return sums;
  }

  /** A sum for each event, [batch][sources], in the places of its list. */
  double[] transposed(Events events, float[] adjoint) {
    double[] sums = new double[events.batch() * sources];
    each(
        events,
        (b, source, place) ->
            rows.visit(
                source,
                (target, s) -> sums[place] += (double) weights[s] * adjoint[b * targets + target]));
    return sums;
  }

  /** Like the weights. */
  double[] weightGradient(Events events, float[] adjoint) {
    double[] gradient = new double[weights.length];
    each(
        events,
        (b, source, place) ->
            rows.visit(source, (target, s) -> gradient[s] += adjoint[b * targets + target]));
    return gradient;
  }
}
