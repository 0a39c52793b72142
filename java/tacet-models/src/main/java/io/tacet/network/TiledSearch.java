package io.tacet.network;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Delays;
import java.util.function.IntUnaryOperator;

/** One search of {@link AbsentTiles}. Owns the arrays of a tile. */
final class TiledSearch implements AutoCloseable {
  /** Of a place that has no synapse. */
  private static final int ABSENT = -1;

  private final AbsentTiles.Wanted wanted;
  private final boolean[] active;
  private final int sources;
  private final int targets;

  /** The synapses that there are. */
  private final int[] offsets;

  private final int[] indices;
  private final double[] weights;
  private final double[] delays;

  /** A tile: those, and absent ones. */
  private final int[] tileOffsets;

  private final int[] tileIndices;
  private final double[] tileWeights;
  private final double[] tileDelays;

  /** Which synapse is in a place of the tile. */
  private final int[] origins;

  private final CsrSynapses tile;
  private final DeviceArray gradient;
  private final LargestGradients largest;
  private final Resources resources = new Resources();

  /** The pair that is next, of those whose source is active. */
  private int nextSource;

  private int nextTarget;

  /** Absent pairs of active sources that no tile has had. */
  private long left;

  /**
   * @param room places of a tile for so many synapses and absent ones
   * @param active whether a source has an event
   */
  TiledSearch(
      CsrSynapses synapses, IntUnaryOperator room, AbsentTiles.Wanted wanted, boolean[] active) {
    this.wanted = wanted;
    this.active = active;
    sources = synapses.sources();
    targets = synapses.targets();
    offsets = synapses.rowOffsets().toInts();
    indices = synapses.indices().toInts();
    weights = synapses.weights().toDoubles();
    delays = synapses.delays() == null ? null : synapses.delays().values().toDoubles();
    int places = room.applyAsInt(offsets[sources]);
    tileOffsets = new int[sources + 1];
    tileIndices = new int[places];
    tileWeights = new double[places];
    tileDelays = delays == null ? null : new double[places];
    origins = new int[places];
    largest = new LargestGradients(wanted.count());
    for (int i = 0; i < sources; i++) {
      left += active[i] ? targets - (offsets[i + 1] - offsets[i]) : 0;
    }
    try {
      gradient = resources.own(synapses.backend().allocate(synapses.weights().type(), places));
      tile = allocate(synapses, places);
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private CsrSynapses allocate(CsrSynapses like, int places) {
    Backend backend = like.backend();
    DType type = like.weights().type();
    return new CsrSynapses(
        sources,
        targets,
        resources.own(backend.allocate(DType.INT32, sources + 1)),
        resources.own(backend.allocate(like.indices().type(), places)),
        resources.own(backend.allocate(type, places)),
        delays == null
            ? null
            : new Delays(like.delays().kind(), resources.own(backend.allocate(type, places))));
  }

  /** See {@link AbsentTiles#bytes}. */
  static long heapBytes(CsrSynapses like, long places, long present, long count) {
    int delay = like.delays() == null ? 0 : Double.BYTES;
    // Indices and weights of both; of a tile also where places come from, and gradients.
    return present * (Integer.BYTES + Double.BYTES + delay)
        + places * (2 * Integer.BYTES + 2 * Double.BYTES + delay)
        + 2L * Integer.BYTES * (like.sources() + 1)
        + count * LargestGradients.BYTES;
  }

  /** Goes through all tiles. */
  AbsentTiles.Found run(AbsentTiles.Adjoint adjoint) {
    boolean first = true;
    while (first || left > 0) {
      fill();
      upload();
      gradient.zero();
      adjoint.add(tile, gradient);
      take(gradient.toDoubles(), first);
      first = false;
    }
    addSilent();
    long[] pairs = largest.ascending();
    return new AbsentTiles.Found(
        pairs, largest.magnitudes(pairs), delays == null ? null : delaysNow(pairs));
  }

  /** Puts the synapses and the absent ones that are next in order into the tile. */
  private void fill() {
    int room = (int) Math.min(left, tileIndices.length - offsets[sources]);
    left -= room;
    int source = nextSource;
    int target = nextTarget;
    int at = 0;
    for (int i = 0; i < sources; i++) {
      tileOffsets[i] = at;
      int synapse = offsets[i];
      int m = !active[i] || i < source ? targets : i == source ? target : 0;
      while (synapse < offsets[i + 1] || (m < targets && room > 0)) {
        boolean absent = m < targets && room > 0;
        if (synapse < offsets[i + 1] && (!absent || indices[synapse] <= m)) {
          m += indices[synapse] == m ? 1 : 0;
          put(at++, synapse, indices[synapse], i);
          synapse++;
        } else {
          put(at++, ABSENT, m++, i);
          room--;
          nextSource = i;
          nextTarget = m;
        }
      }
    }
    tileOffsets[sources] = at;
  }

  private void put(int at, int synapse, int target, int source) {
    origins[at] = synapse;
    tileIndices[at] = target;
    tileWeights[at] = synapse == ABSENT ? 0 : weights[synapse];
    if (delays != null) {
      tileDelays[at] =
          synapse == ABSENT ? wanted.delays().applyAsDouble(pair(source, target)) : delays[synapse];
    }
  }

  private long pair(int source, int target) {
    return (long) source * targets + target;
  }

  private void upload() {
    tile.rowOffsets().copyFrom(tileOffsets);
    tile.indices().copyFrom(tileIndices);
    tile.weights().copyFrom(tileWeights);
    if (delays != null) {
      tile.delays().values().copyFrom(tileDelays);
    }
  }

  /**
   * Keeps what is large in the gradient of a tile.
   *
   * @param withLeaving whether synapses that leave count as absent; they are in every tile
   */
  private void take(double[] gradients, boolean withLeaving) {
    for (int i = 0; i < sources; i++) {
      for (int at = tileOffsets[i]; at < tileOffsets[i + 1]; at++) {
        int synapse = origins[at];
        if (synapse == ABSENT || (withLeaving && wanted.leaving()[synapse])) {
          largest.add(Math.abs(gradients[at]), pair(i, tileIndices[at]));
        }
      }
    }
  }

  /** Adds the first absent pairs of sources without an event, whose gradients are 0. */
  private void addSilent() {
    int added = 0;
    for (int i = 0; i < sources && added < wanted.count() && largest.admitsZero(); i++) {
      int synapse = offsets[i];
      for (int m = 0; m < targets && !active[i] && added < wanted.count(); m++) {
        if (synapse < offsets[i + 1] && indices[synapse] == m) {
          synapse++;
        } else {
          largest.add(0, pair(i, m));
          added++;
        }
      }
    }
  }

  private double[] delaysNow(long[] pairs) {
    double[] now = new double[pairs.length];
    int source = 0;
    int synapse = 0;
    for (int k = 0; k < pairs.length; k++) {
      now[k] = Double.NaN;
      while (synapse < offsets[sources]) {
        while (synapse >= offsets[source + 1]) {
          source++;
        }
        long there = pair(source, indices[synapse]);
        if (there > pairs[k]) {
          break;
        }
        now[k] = there == pairs[k] ? delays[synapse] : now[k];
        synapse++;
      }
    }
    return now;
  }

  @Override
  public void close() {
    resources.close();
  }
}
