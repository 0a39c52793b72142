package io.tacet.reference.f64;

import io.tacet.reference.Workers;
import io.tacet.simulation.LifNetwork;
import io.tacet.sparse.DelayRing;
import io.tacet.spi.SimulationKernels;
import io.tacet.spi.SimulationKernels.Neurons;
import io.tacet.spi.SimulationKernels.SpikeRecord;
import java.util.Arrays;

/**
 * A network of spiking neurons step by step, see {@link io.tacet.simulation.Simulation}. Each tile
 * of neurons belongs to one task at a time: a task first adds the spikes of the step before to what
 * is under way to its neurons, then advances them, so that there is one barrier per step. Each sum
 * is over spikes in order, whatever the number of tiles.
 */
public final class SimulationReference implements SimulationKernels.Plan {
  /** Tiles begin at multiples of this, which keeps their state in different cache lines. */
  private static final int GRAIN = 64;

  /** Fewer neurons than this are not worth another thread. */
  private static final int LEAST_NEURONS = 512;

  private final Workers workers;
  private final int neurons;
  private final SimulationRows rows;
  private final SimulationTile[] tiles;
  private final int[] recordSteps;
  private final int[] recordUnits;
  private final int[] recordCount;

  /** Those that spiked in the last step, ascending. */
  private final int[] fired;

  private int firedCount;

  /** See {@link SimulationKernels#plan}. */
  public SimulationReference(
      Workers workers, LifNetwork network, Neurons arrays, DelayRing ring, SpikeRecord record) {
    this.workers = workers;
    neurons = network.neurons();
    int count = Math.max(1, Math.min(workers.count(), neurons / LEAST_NEURONS));
    int[] edges = new int[count + 1];
    for (int t = 1; t < count; t++) {
      edges[t] = (int) ((long) neurons * t / count) / GRAIN * GRAIN;
    }
    edges[count] = neurons;
    rows = new SimulationRows(network.synapses(), ring, edges);
    tiles = new SimulationTile[count];
    for (int t = 0; t < count; t++) {
      tiles[t] = new SimulationTile(network, arrays, ring, edges[t], edges[t + 1]);
    }
    recordSteps = (int[]) record.steps().storage().heap();
    recordUnits = (int[]) record.units().storage().heap();
    recordCount = (int[]) record.count().storage().heap();
    fired = new int[neurons];
  }

  @Override
  public int advance(long first, int count) {
    int recorded = 0;
    int done = 0;
    firedCount = 0;
    while (done < count && !Thread.currentThread().isInterrupted()) {
      long step = first + done;
      workers.runToEnd(
          tiles.length,
          (tile, worker) -> {
            rows.add(fired, firedCount, step - 1, tile);
            tiles[tile].advance(step);
          });
      firedCount = 0;
      for (SimulationTile tile : tiles) {
        System.arraycopy(tile.fired, 0, fired, firedCount, tile.firedCount);
        firedCount += tile.firedCount;
      }
      System.arraycopy(fired, 0, recordUnits, recorded, firedCount);
      Arrays.fill(recordSteps, recorded, recorded + firedCount, done);
      recorded += firedCount;
      done++;
    }
    long last = first + done - 1;
    workers.runToEnd(tiles.length, (tile, worker) -> rows.add(fired, firedCount, last, tile));
    recordCount[0] = recorded;
    return done;
  }

  @Override
  public void close() {}
}
