package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;
import io.tacet.sparse.Delays;
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
  /** Rows in flight, see {@link RowPiece#fetch}. */
  private static final int GROUP = 4;

  private static final int SMALLEST_TILE = 512;

  /** Targets of dense rows that are added up at a time: small enough for the first-level cache. */
  private static final int DENSE_TILE = 1024;

  private static final int EVENTS_PER_TASK = 32;

  private final Workers workers;
  private final Synapses synapses;
  private final RowSource rows;
  private final int targets;
  private final Scratch[] scratch;

  /** What is done with a piece of the row of an event. */
  private interface Action {
    void apply(RowPiece piece, int event, int base, double[] lanes);
  }

  /** Memory of one worker: pieces wait until a group of them can be fetched at once. */
  private static final class Scratch {
    final RowPiece[] pieces = new RowPiece[GROUP];
    final int[] events = new int[GROUP];
    final int[] bases = new int[GROUP];
    final double[] values = new double[GROUP];
    final double[] lanes = new double[DotProduct.LANES];
    final double[][] rows = new double[GROUP][DENSE_TILE];
    final double[] sums = new double[DENSE_TILE];
    int waiting;

    Scratch() {
      for (int k = 0; k < GROUP; k++) {
        pieces[k] = new RowPiece();
      }
    }

    void flush(Action action, double[] gradient) {
      for (int k = 0; k < waiting; k++) {
        pieces[k].fetch(gradient);
      }
      for (int k = 0; k < waiting; k++) {
        action.apply(pieces[k], events[k], bases[k], lanes);
      }
      waiting = 0;
    }
  }

  public PropagationReference(Workers workers, Synapses synapses) {
    this.workers = workers;
    this.synapses = synapses;
    this.rows = RowSource.of(synapses);
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
    int wanted = (workers.count() + events.batch - 1) / events.batch;
    int tiles = workers.count() == 1 ? 1 : Math.max(1, Math.min(wanted, targets / SMALLEST_TILE));
    workers.run(
        events.batch * tiles,
        (task, worker) -> {
          int sample = task / tiles;
          int low = edge(task % tiles, tiles);
          int high = edge(task % tiles + 1, tiles);
          if (dense) {
            addDense(events, sample, low, high, at.values, scratch[worker]);
          } else {
            rows(
                new Range(
                    events, sample, events.begin(sample), events.end(sample), low, high, null),
                at,
                scratch[worker],
                (piece, e, base, lanes) -> piece.add(events.value(e), at.values, base));
          }
        });
  }

  private int edge(int tile, int tiles) {
    return (int) ((long) tile * targets / tiles);
  }

  /**
   * Events of a sample, the targets that are wanted of them, and what will be read beside the
   * targets: the gradient, or null for the weights.
   */
  private record Range(
      StepEvents events, int sample, int begin, int end, int low, int high, double[] gradient) {}

  /** Applies an action to every piece of the rows of some events, in order. */
  private void rows(Range range, Addresses at, Scratch own, Action action) {
    own.waiting = 0;
    for (int e = range.begin; e < range.end; e++) {
      int source = range.events.units[e];
      int pieces = rows.pieces(source);
      for (int p = 0; p < pieces; p++) {
        RowPiece piece = own.pieces[own.waiting];
        rows.load(source, p, range.low, range.high, piece);
        at.delay(piece);
        own.events[own.waiting] = e;
        own.bases[own.waiting] = at.base(source) + range.sample * targets;
        if (++own.waiting == GROUP) {
          own.flush(action, range.gradient);
        }
      }
    }
    own.flush(action, range.gradient);
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
          rows(
              new Range(events, sample, begin, end, 0, targets, null),
              at,
              scratch[worker],
              (piece, e, base, lanes) -> sums[e] += piece.dot(at.values, base, lanes));
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
          for (int sample = 0; sample < events.batch; sample++) {
            int begin = events.firstFrom(sample, firstSource);
            int end = events.firstFrom(sample, lastSource);
            rows(
                new Range(events, sample, begin, end, 0, targets, gradient),
                at,
                scratch[worker],
                (piece, e, base, lanes) -> piece.outer(events.value(e), at.values, base, gradient));
          }
        });
  }

  /** Where the values of the targets are, by delay. */
  private static final class Addresses {
    final double[] values;
    private final short[] perSource;
    private final short[] perSynapse;
    private final int slot;
    private final int slots;
    private final int stride;

    Addresses(Slots target, int stride) {
      this.values = Real.array(target.values());
      this.slot = target.slot();
      this.slots = target.slots();
      this.stride = stride;
      boolean delayed = target.delays() != null;
      short[] steps = delayed ? (short[]) target.delays().steps().storage().heap() : null;
      boolean bySource = delayed && target.delays().kind() == Delays.Kind.PER_SOURCE;
      this.perSource = bySource ? steps : null;
      this.perSynapse = bySource ? null : steps;
    }

    /** Start of the slot in which events of a source arrive. */
    int base(int source) {
      if (perSource == null) {
        return 0;
      }
      return (slot + Short.toUnsignedInt(perSource[source])) % slots * stride;
    }

    void delay(RowPiece piece) {
      if (perSynapse != null) {
        piece.delay(perSynapse, slot, slots, stride);
      }
    }
  }
}
