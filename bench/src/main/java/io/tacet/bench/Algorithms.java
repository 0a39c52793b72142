package io.tacet.bench;

import io.tacet.egru.EgruEngine;
import java.util.List;

/**
 * Traffic and work of the algorithms that were chosen, where known: at least the {@link Floor} of
 * the problem; the remaining time is lost by the implementation. Traffic between registers, shared
 * memory or first-level caches of a block or thread is left out. Figures of kernels are those in
 * the header comments of their files in cuda/.
 */
final class Algorithms {
  /** Samples that share the rows of their union on a GPU; of larger batches each has its own. */
  private static final int MOST_SHARED = 8;

  /** Rows of R whose gradient is owned by one block. */
  private static final int GRADIENT_ROWS = 32;

  /** Rows that the java backend adds in one pass over the sums. */
  private static final int ROWS_AT_ONCE = 4;

  private Algorithms() {}

  /** Traffic and work of the algorithm behind a measurement; null if it is not known. */
  static Floor floorOf(Timing m) {
    return switch (m.className()) {
      // One pass over everything is all there is.
      case "OptimizerBenchmark" -> OptimizerBenchmark.floor(m);
      case "CompactionBenchmark" -> compaction(m);
      case "PropagationBenchmark" -> propagation(m);
      case "EgruBenchmark" -> m.onJava() ? javaEgru(m) : nativeEgru(m);
      case "SparseEgruBenchmark" -> m.onJava() ? null : sparseEgru(m);
      case "RnnBenchmark" -> m.onJava() || m.number("density") == 1 ? null : sparseRnn(m);
      case "EventPropBenchmark" -> EventPropBenchmark.algorithm(m);
      case "LanguageStepBenchmark" -> m.onJava() ? javaLanguage(m) : null;
      case "DeviceKernels" -> floorOf(DeviceKernels.likeBenchmark(m));
      case "EgruStreamBenchmark" -> m.method().equals("step") ? stream(m) : null;
      default -> null;
    };
  }

  /** java: one pass over everything; cuda: the bitmap is written and read again. */
  private static Floor compaction(Timing m) {
    if (m.onJava()) {
      return CompactionBenchmark.floor(m);
    }
    if (!m.method().equals("compact")) {
      return null;
    }
    double bitmap = m.number("n") * m.number("batch") / 8;
    return CompactionBenchmark.floor(m).stream(bitmap, bitmap);
  }

  /**
   * java: each synapse reads and writes its target, with dense rows all targets once for a few
   * rows. cuda: every event reads its row, also where another sample has just read it. The
   * transpose and the gradient gather a number for each synapse from the currents.
   */
  private static Floor propagation(Timing m) {
    String format = m.text("format");
    boolean csr = format.equals("CSR") || format.equals("FIXED_FAN_OUT");
    boolean forward = m.method().equals("forward");
    // Sums in any order are atomic additions, whose traffic no ceiling of bytes describes.
    boolean ordered = !m.has("sums") || m.text("sums").equals("in order");
    boolean known = (csr && ordered) || (m.onJava() && forward && !format.equals("PROCEDURAL"));
    if (!known || List.of("readRows", "addRows", "plainLoop").contains(m.method())) {
      return null;
    }
    double n = m.number("n");
    double batch = m.number("batch");
    double fanOut = n * m.number("density");
    double events = m.number("activity") * n * batch;
    Floor floor = PropagationBenchmark.floor(m);
    if (m.onJava()) {
      if (!forward) {
        return floor.rows(4 * events * fanOut, Float.BYTES, 4 * n * batch);
      }
      return format.equals("DENSE")
          ? floor.stream(8 * events * n / ROWS_AT_ONCE, 4 * n)
          : floor.stream(8 * events * fanOut, 4 * n);
    }
    double index = n <= 1 << 16 ? 2 : 4;
    double again = events - Floor.activeRows(n, m.number("activity"), batch);
    Floor rows =
        m.method().equals("weightGradient")
            ? floor
            // Rows that another sample needs too come from the second-level cache.
            : floor.rows(again * fanOut * (4 + index), 4 * fanOut, 0);
    return forward ? rows : rows.rows(4 * events * fanOut, Float.BYTES, 4 * n * batch);
  }

  private static Floor javaEgru(Timing m) {
    double units = m.number("units");
    double states = m.number("steps") * m.number("batch") * units;
    Floor forward = javaForward(units, states, activity(m));
    Floor backward = javaBackward(units, states, activity(m));
    return EgruBenchmark.floor(m)
        .and(
            switch (m.method()) {
              case "forward", "layerForward" -> forward;
              case "backward" -> backward;
              default -> forward.and(backward, 1);
            },
            1);
  }

  /** Beyond the floor: the sums go through the cache once for every few rows of each sample. */
  private static Floor javaForward(double units, double states, double activity) {
    return Floor.flops(0).stream(24 * units * activity * states / ROWS_AT_ONCE, 12 * units);
  }

  /** Beyond the floor: all units take part in the product, not the active alone. */
  private static Floor javaBackward(double units, double states, double activity) {
    return Floor.flops(6 * units * (1 - activity) * states);
  }

  /** The read-out and its errors are dense products. */
  private static Floor javaLanguage(Timing m) {
    double units = m.number("units");
    double states = m.number("steps") * m.number("batch") * units;
    double activity = m.counter("activity");
    double silent = 4 * LanguageStepBenchmark.VOCABULARY * (1 - activity) * states;
    return LanguageStepBenchmark.floor(m)
        .and(javaForward(units, states, activity), 1)
        .and(javaBackward(units, states, activity), 1)
        .and(Floor.flops(silent), 1);
  }

  private static Floor stream(Timing m) {
    double units = m.number("units");
    double batch = m.number("batch");
    return EgruStreamBenchmark.floor(m)
        .and(javaForward(units, 2 * units * batch, m.number("activity")), 1);
  }

  private static double activity(Timing m) {
    return m.number("threshold") < 0 ? 1 : m.counter("activity");
  }

  private static Floor nativeEgru(Timing m) {
    EgruEngine taken = EgruBenchmark.ENGINES.get((int) m.counter("engine"));
    if (taken == EgruEngine.AUTO) {
      return null;
    }
    Floor forward = nativeForward(m, taken);
    double units = m.number("units");
    double states = m.number("steps") * m.number("batch") * units;
    return switch (m.method()) {
      case "forward" -> forward;
      case "layerForward" -> forward.and(EgruBenchmark.inputProduct(m), 1);
      case "backward" -> nativeBackward(m, taken);
      default ->
          forward
              .and(nativeBackward(m, taken), 1)
              .and(EgruBenchmark.inputProduct(m), 2)
              // What the backward pass reads of the inputs' errors once more.
              .stream(12 * states, 12 * states);
    };
  }

  /** See the engines in cuda/egru: forward.cu, persistent_forward.cu and streaming_forward.cu. */
  private static Floor nativeForward(Timing m, EgruEngine engine) {
    double units = m.number("units");
    double batch = m.number("batch");
    double steps = m.number("steps");
    double states = steps * batch * units;
    double weights = 12 * units * units;
    Floor pointwise = Floor.flops(30 * states).stream(48 * states, 48 * states).steps(steps);
    // Products of a step are written and read once.
    Floor products = Floor.flops(0).stream(24 * states, 24 * batch * units);
    double union = Floor.activeRows(units, activity(m), Math.min(batch, MOST_SHARED));
    return switch (engine) {
      case EVENT -> {
        boolean shared = batch <= MOST_SHARED;
        double rows = steps * (shared ? union : activity(m) * units * batch);
        Floor floor =
            pointwise
                .and(Floor.flops(6 * units * rows * (shared ? batch : 1)), 1)
                .rows(12 * units * rows, 12 * units, weights);
        // One launch for all steps, or the product is a launch of its own, with sums in memory.
        yield m.counter("blocks") > 0 ? floor : floor.and(products, 1).steps(steps);
      }
      case DENSE ->
          pointwise.and(products, 1).and(Floor.flops(6 * units * states), 1).stream(
                  steps * weights, weights)
              .steps(steps);
      // Weights stay on chip; all units are multiplied, silent or not.
      case PERSISTENT ->
          pointwise.and(Floor.flops(6 * units * states), 1).stream(
              weights + 8 * states, 8 * batch * units);
      case AUTO -> throw new IllegalArgumentException("engine: expected the one taken, got AUTO.");
    };
  }

  /**
   * The tiled product over all rows, with few samples the rows needed, at least the active; on chip
   * those of a group's samples, without reading R in every step.
   */
  private static Floor nativeBackward(Timing m, EgruEngine engine) {
    double units = m.number("units");
    double batch = m.number("batch");
    double steps = m.number("steps");
    double states = steps * batch * units;
    double weights = 12 * units * units;
    boolean persistent = engine == EgruEngine.PERSISTENT;
    double needed = Floor.activeRows(units, activity(m), Math.min(batch, MOST_SHARED));
    double rows = steps * (persistent || batch <= MOST_SHARED ? needed : units);
    Floor floor =
        Floor.flops(6 * units * rows * batch + 6 * activity(m) * states * units + 45 * states)
            .stream(60 * states, 60 * states)
            .stream(12 * states * Math.ceil(units / GRADIENT_ROWS) + weights, 12 * states);
    return persistent
        ? floor.stream(weights, weights).steps(steps)
        : floor.rows(12 * units * rows, 12 * units, weights).steps(2 * steps);
  }

  /** See cuda/sparse: rows of each sample, or all synapses for eight samples, and their index. */
  private static Floor sparseEgru(Timing m) {
    EgruEngine engine = EgruBenchmark.ENGINES.get((int) m.counter("engine"));
    double units = m.number("units");
    double batch = m.number("batch");
    double steps = m.number("steps");
    double states = steps * batch * units;
    double fanOut = units * m.number("density");
    double row = SparseEgruBenchmark.rowBytes(m);
    double groups = Math.ceil(batch / MOST_SHARED);
    if (m.method().equals("backward")) {
      double shared = Math.min(batch, MOST_SHARED);
      double rows = steps * groups * Floor.activeRows(units, activity(m), shared);
      double heard = 6 * activity(m) * states * fanOut;
      return Floor.flops(6 * fanOut * rows * shared + heard + 45 * states)
          .rows(rows * row, row, units * row)
          // Errors of the gates are gathered by the synapses of every event.
          .rows(2 * heard, Float.BYTES, 12 * states)
          .stream(60 * states + 24 * units * fanOut, 60 * states)
          .steps(2 * steps);
    }
    Floor floor =
        Floor.flops(30 * states).stream(48 * states, 48 * states).stream(
                24 * states, 24 * batch * units)
            .steps(2 * steps);
    return switch (engine) {
      case EVENT ->
          floor
              .and(Floor.flops(6 * activity(m) * states * fanOut), 1)
              .rows(activity(m) * states * row, row, units * row);
      case DENSE ->
          floor.and(Floor.flops(6 * states * fanOut), 1).stream(
              (steps * groups + 2) * units * row, units * row);
      default -> null;
    };
  }

  /** See cuda/sparse: all synapses for eight samples, and forward their index. */
  private static Floor sparseRnn(Timing m) {
    double units = m.number("units");
    double steps = m.number("steps");
    double states = steps * m.number("batch") * units;
    double synapses = units * units * m.number("density");
    double weights = synapses * RnnBenchmark.weightBytes(m);
    double groups = Math.ceil(m.number("batch") / MOST_SHARED);
    boolean backward = m.method().equals("backward");
    double pairs = states / units;
    Floor floor =
        Floor.flops((backward ? 4 : 2) * synapses * pairs).stream(
                (steps * groups + (backward ? 0 : 2)) * weights, weights)
            // Products are written and read, and states written in groups.
            .stream((backward ? 24 : 20) * states, 8 * states)
            .steps(2 * steps);
    return backward
        ? floor.rows(4 * synapses * pairs, Float.BYTES, 4 * states).stream(
            8 * synapses, 8 * synapses)
        : floor;
  }
}
