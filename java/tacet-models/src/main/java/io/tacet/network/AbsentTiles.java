package io.tacet.network;

import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.CsrSynapses;
import java.util.Arrays;
import java.util.function.LongToDoubleFunction;

/**
 * Finds the absent synapses of spiking neurons whose weights have the largest gradients: that of a
 * weight of 0 is -tauSyn times the sum of lambda_I where events arrive (Wunderlich and Pehle 2021,
 * table 1), and a synapse of weight 0 changes no spike. So the backward pass of the layer is gone
 * through with absent synapses beside those there are, a tile of them at a time, and of each tile
 * only what is among the largest so far is kept: memory for a few times the synapses, however many
 * are absent. Sources without an event are left out, since their gradients are 0.
 *
 * <p>A view of synapses: it owns nothing. One thread at a time.
 */
public final class AbsentTiles {
  /** Absent synapses in a tile, or as many as there are synapses where that is more. */
  private static final int LEAST_TILE = 1 << 16;

  /** The adjoint of the last forward pass of a layer, over other synapses that spike the same. */
  @FunctionalInterface
  public interface Adjoint {
    /**
     * Adds the gradient of the weights, and nothing else that is read afterwards.
     *
     * @param synapses in the place of those of the layer: these, and others of weight 0
     * @param gradient of their weights
     */
    void add(CsrSynapses synapses, DeviceArray gradient);
  }

  /**
   * What is wanted.
   *
   * @param count pairs of a source and a target
   * @param leaving whether a synapse counts as absent, in their order
   * @param delays what the delay of an absent synapse would be in ms, by the number of its pair,
   *     source times targets plus target
   */
  record Wanted(int count, boolean[] leaving, LongToDoubleFunction delays) {}

  /**
   * What was found.
   *
   * @param pairs their numbers, ascending
   * @param magnitudes of their gradients
   * @param delays of the pairs that have a synapse now, in ms; NaN for the others. Null where there
   *     are no delays
   */
  record Found(long[] pairs, double[] magnitudes, double[] delays) {}

  private final CsrSynapses synapses;

  /** Absent synapses in a tile; 0 for the usual number. */
  private int tile;

  private Wanted wanted;
  private Found found;

  /** Of these synapses, which have a delay each or none. */
  public AbsentTiles(CsrSynapses synapses) {
    this.synapses = synapses;
  }

  /** Sets the number of absent synapses in a tile. */
  void tile(int absent) {
    tile = absent;
  }

  /**
   * Wants those of the next backward pass.
   *
   * @param count how many, no more than are absent or leaving
   * @param leaving whether a synapse counts as absent, in their order
   * @param delays what the delay of an absent synapse would be in ms, by the number of its pair,
   *     source times targets plus target; not asked where there are no delays
   */
  public void want(int count, boolean[] leaving, LongToDoubleFunction delays) {
    wanted = new Wanted(count, leaving, delays);
    found = null;
  }

  /** Wants them no longer. */
  public void leave() {
    wanted = null;
    found = null;
  }

  /** Whether somebody wants them. */
  public boolean areWanted() {
    return wanted != null;
  }

  /**
   * Finds them if somebody wants them.
   *
   * @param sent events that reach the synapses
   */
  public void search(Spikes sent, Adjoint adjoint) {
    if (wanted != null) {
      Wanted request = wanted;
      wanted = null;
      try (TiledSearch search = new TiledSearch(synapses, this::places, request, active(sent))) {
        found = search.run(adjoint);
      }
    }
  }

  private boolean[] active(Spikes sent) {
    boolean[] active = new boolean[synapses.sources()];
    int[] counts = sent.counts().toInts();
    int[] units = sent.units().toInts();
    for (int b = 0; b < counts.length; b++) {
      for (int e = 0; e < counts[b]; e++) {
        active[units[b * sent.capacity() + e]] = true;
      }
    }
    return active;
  }

  /** Numbers of the pairs that were found, ascending. */
  public long[] found() {
    return last().pairs;
  }

  /** Magnitudes of the gradients of the pairs that were found. */
  public double[] magnitudes() {
    return last().magnitudes;
  }

  private Found last() {
    if (found == null) {
      throw new IllegalStateException("Nothing was found since it was wanted: no backward pass.");
    }
    return found;
  }

  /**
   * Of the pairs that were found, gives those that had a synapse its delay again, with which their
   * gradients are: to be called when they have come.
   */
  public void putDelaysBack() {
    if (found.delays == null || Arrays.stream(found.delays).allMatch(Double::isNaN)) {
      return;
    }
    DeviceArray array = synapses.delays().values();
    double[] delays = array.toDoubles();
    int[] offsets = synapses.rowOffsets().toInts();
    int[] indices = synapses.indices().toInts();
    for (int k = 0; k < found.pairs.length; k++) {
      if (!Double.isNaN(found.delays[k])) {
        int source = (int) (found.pairs[k] / synapses.targets());
        int target = (int) (found.pairs[k] % synapses.targets());
        int at = Arrays.binarySearch(indices, offsets[source], offsets[source + 1], target);
        delays[at] = found.delays[k];
      }
    }
    array.copyFrom(delays);
  }

  /**
   * Bytes that a search holds for a while: arrays of a tile on the device and on the Java heap, and
   * the synapses there.
   *
   * @param present number of synapses
   * @param count pairs that are sought
   */
  public long bytes(int present, int count) {
    return deviceBytes(present) + TiledSearch.heapBytes(synapses, places(present), present, count);
  }

  /** Bytes of the arrays of a tile. */
  long deviceBytes(int present) {
    long each = 2L * synapses.weights().type().bytes() + synapses.indices().type().bytes();
    each += synapses.delays() == null ? 0 : synapses.delays().values().type().bytes();
    return each * places(present) + synapses.rowOffsets().length() * Integer.BYTES;
  }

  /** Places of a tile: for so many synapses, and for absent ones. */
  public int places(int present) {
    long absent = (long) synapses.sources() * synapses.targets() - present;
    int most = tile > 0 ? tile : Math.max(present, LEAST_TILE);
    return Math.toIntExact(present + Math.min(absent, most));
  }
}
