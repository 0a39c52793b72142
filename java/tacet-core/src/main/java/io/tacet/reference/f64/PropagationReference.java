package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.Synapses;
import io.tacet.spi.PropagationKernels.Slots;
import java.util.Arrays;

/**
 * Event propagation on all cores. Forward, a task owns a sample and a range of targets; transposed,
 * some events; for the gradient, some rows. So nothing is shared, and each sum has an order that
 * depends on the events alone, not on the number of threads.
 */
public final class PropagationReference {
  /** Dense rows that are added up in one pass over their targets. */
  private static final int GROUP = 4;

  /** A range of targets is not split further than this. */
  private static final int SMALLEST_TILE = 512;

  /** Targets of dense rows that are added up at a time: small enough for the first-level cache. */
  private static final int DENSE_TILE = 1024;

  private static final int EVENTS_PER_TASK = 32;

  private final Workers workers;
  private final Synapses synapses;
  private final RowSource rows;
  private final int targets;
  private final Scratch[] scratch;

  /** Memory of one worker. */
  private static final class Scratch {
    final RowGroup group = new RowGroup();
    final double[] lanes = new double[DotProduct.LANES];
    final double[][] rows = new double[GROUP][DENSE_TILE];
    final double[] values = new double[GROUP];
    final double[] sums = new double[DENSE_TILE];
    long fetched;
  }

  /** See {@link io.tacet.spi.PropagationKernels#plan}. */
  public PropagationReference(Workers workers, Synapses synapses, int batch) {
    int wanted = (workers.count() + batch - 1) / batch;
    int tiles = workers.count() == 1 ? 1 : Math.min(wanted, synapses.targets() / SMALLEST_TILE);
    this.workers = workers;
    this.synapses = synapses;
    this.rows = RowSource.of(synapses, Math.max(1, tiles));
    this.targets = synapses.targets();
    this.scratch = new Scratch[workers.count()];
    for (int w = 0; w < scratch.length; w++) {
      scratch[w] = new Scratch();
    }
  }

  /** See {@link io.tacet.spi.PropagationKernels.Plan#forward}. */
  public void forward(io.tacet.sparse.Events stepEvents, Slots target) {
    StepEvents events = new StepEvents(stepEvents);
    Addresses at = new Addresses(target, events.batch * targets);
    boolean dense = synapses instanceof DenseSynapses && target.delays() == null;
    IndexedRows indexed =
        target.delays() == null && rows instanceof IndexedRows found ? found : null;
    int tiles = rows.tiles;
    workers.run(
        events.batch * tiles,
        (task, worker) -> {
          int sample = task / tiles;
          int tile = task % tiles;
          Scratch own = scratch[worker];
          if (dense) {
            addDense(events, sample, rows.edge(tile), rows.edge(tile + 1), at.values, own);
            return;
          }
          int begin = events.begin(sample);
          int end = events.end(sample);
          if (indexed != null) {
            own.fetched += indexed.add(events, begin, end, tile, at.values, sample * targets);
            return;
          }
          RowGroup group = own.group;
          group.begin(rows, at, events, sample, begin, end, tile, tile + 1, null);
          while (group.next()) {
            for (int k = 0; k < group.count; k++) {
              group.pieces[k].add(events.value(group.events[k]), at.values, group.bases[k]);
            }
          }
        });
  }

  /** Rows and sums are copied to arrays of their own first, see {@link RowSums}. */
  private void addDense(
      StepEvents events, int sample, int low, int high, double[] out, Scratch own) {
    double[] weights = Real.array(synapses.weights());
    int base = sample * targets;
    int end = events.end(sample);
    for (int from = low; from < high; from += DENSE_TILE) {
      int width = Math.min(high - from, DENSE_TILE);
      System.arraycopy(out, base + from, own.sums, 0, width);
      int e = events.begin(sample);
      while (e < end) {
        int group = Math.min(GROUP, end - e);
        for (int k = 0; k < group; k++) {
          int row = events.units[e + k] * targets + from;
          System.arraycopy(weights, row, own.rows[k], 0, width);
          own.values[k] = events.value(e + k);
        }
        RowSums.addAll(own.rows, own.values, 0, group, 0, width, own.sums);
        e += group;
      }
      System.arraycopy(own.sums, 0, out, base + from, width);
    }
  }

  /** See {@link io.tacet.spi.PropagationKernels.Plan#transposed}. */
  public void transposed(io.tacet.sparse.Events stepEvents, Slots adjoint, DeviceArray sumArray) {
    StepEvents events = new StepEvents(stepEvents);
    Addresses at = new Addresses(adjoint, events.batch * targets);
    double[] sums = Real.array(sumArray);
    int chunks = (events.largestCount() + EVENTS_PER_TASK - 1) / EVENTS_PER_TASK;
    workers.run(
        events.batch * chunks,
        (task, worker) -> {
          int sample = task / chunks;
          int begin = events.begin(sample) + task % chunks * EVENTS_PER_TASK;
          int end = Math.min(events.end(sample), begin + EVENTS_PER_TASK);
          Arrays.fill(sums, begin, Math.max(begin, end), 0.0);
          RowGroup group = scratch[worker].group;
          group.begin(rows, at, events, sample, begin, end, 0, rows.tiles, null);
          while (group.next()) {
            for (int k = 0; k < group.count; k++) {
              sums[group.events[k]] +=
                  group.pieces[k].dot(at.values, group.bases[k], scratch[worker].lanes);
            }
          }
        });
  }

  /** See {@link io.tacet.spi.PropagationKernels.Plan#weightGradient}. */
  public void weightGradient(
      io.tacet.sparse.Events stepEvents, Slots adjoint, DeviceArray gradientArray) {
    StepEvents events = new StepEvents(stepEvents);
    Addresses at = new Addresses(adjoint, events.batch * targets);
    double[] gradient = Real.array(gradientArray);
    int sources = synapses.sources();
    int blocks = Math.min(sources, 8 * workers.count());
    workers.run(
        blocks,
        (block, worker) -> {
          int firstSource = (int) ((long) block * sources / blocks);
          int lastSource = (int) ((long) (block + 1) * sources / blocks);
          RowGroup group = scratch[worker].group;
          for (int sample = 0; sample < events.batch; sample++) {
            int begin = events.firstFrom(sample, firstSource);
            int end = events.firstFrom(sample, lastSource);
            group.begin(rows, at, events, sample, begin, end, 0, rows.tiles, gradient);
            while (group.next()) {
              for (int k = 0; k < group.count; k++) {
                group.pieces[k].outer(
                    events.value(group.events[k]), at.values, group.bases[k], gradient);
              }
            }
          }
        });
  }
}
