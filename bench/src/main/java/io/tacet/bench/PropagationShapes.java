package io.tacet.bench;

import io.tacet.bench.KernelShape.Case;
import io.tacet.bench.KernelShape.Room;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.EventPropagation;
import io.tacet.sparse.Events;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Steps of sparse event propagation through CSR synapses as {@link PropagationBenchmark} has them,
 * in sizes that fill a GPU. Every row has the same number of synapses, one in each part of the
 * targets; {@value #PATTERN_ROWS} rows are distinct and are repeated at different addresses, as
 * generating 131 million of them on the host would take longer than measuring. {@value #TURNS}
 * random steps are cycled through.
 */
final class PropagationShapes {
  private static final int PATTERN_ROWS = 1024;
  private static final int TURNS = 4;

  /** Sources whose gradients are compared. */
  private static final int COMPARED_ROWS = 16;

  private static final double TOLERANCE = 1e-4;

  private final Room room;
  private final int n;
  private final int fanOut;
  private final double density;
  private final int batch;
  private final double activity;
  private final short[] narrow;
  private final int[] indices;
  private final float[] weights;
  private final int[][][] active = new int[TURNS][][];
  private final Events[] events = new Events[TURNS];
  private final CsrSynapses synapses;
  private final DeviceArray currents;
  private int turn;

  private PropagationShapes(Room room, int n, double density, int batch, double activity) {
    this.room = room;
    this.n = n;
    this.density = density;
    this.fanOut = (int) Math.round(density * n);
    this.batch = batch;
    this.activity = activity;
    int rows = Math.min(n, PATTERN_ROWS);
    indices = new int[rows * fanOut];
    narrow = new short[n <= 1 << 16 ? indices.length : 0];
    weights = new float[indices.length];
    connect(room.random);
    synapses = room.own(synapses());
    for (int t = 0; t < TURNS; t++) {
      active[t] = new int[batch][];
      for (int b = 0; b < batch; b++) {
        active[t][b] = step(room.random);
      }
      events[t] = room.own(Events.binary(room.backend, batch, n)).set(active[t]);
    }
    currents = room.normal(1, batch, n);
  }

  /** A target in each part of the units, in ascending order. */
  private void connect(SplittableRandom random) {
    for (int s = 0; s < indices.length; s++) {
      int part = s % fanOut;
      long first = (long) part * n / fanOut;
      long next = (part + 1L) * n / fanOut;
      indices[s] = (int) (first + random.nextLong(next - first));
      weights[s] = random.nextFloat() - 0.5f;
    }
    for (int s = 0; s < narrow.length; s++) {
      narrow[s] = (short) indices[s];
    }
  }

  private CsrSynapses synapses() {
    boolean small = narrow.length > 0;
    long count = (long) n * fanOut;
    int[] offsets = IntStream.rangeClosed(0, n).map(i -> i * fanOut).toArray();
    return new CsrSynapses(
        n,
        n,
        room.backend.of(offsets),
        room.repeat(
            small ? narrow : indices,
            room.backend.allocate(small ? DType.UINT16 : DType.INT32, count)),
        room.repeat(weights, room.backend.allocate(DType.FLOAT32, count)),
        null);
  }

  /** Units of a sample with an event, each with the same chance: by the gaps between them. */
  private int[] step(SplittableRandom random) {
    int[] found = new int[n];
    int count = 0;
    double silent = Math.log1p(-activity);
    int unit = -1;
    while (true) {
      double gap = Math.floor(Math.log(1 - random.nextDouble()) / silent);
      if (gap >= n - 1 - unit) {
        // A sample without events would leave nothing to compare.
        return count == 0 ? new int[] {n / 2} : java.util.Arrays.copyOf(found, count);
      }
      unit += 1 + (int) gap;
      found[count++] = unit;
    }
  }

  /** Shapes of one size. */
  static KernelShape forward(int n, double density, int batch, double activity) {
    return shape("propagationForward", n, density, batch, activity);
  }

  /** The transpose and the gradient of one size. */
  static KernelShape backward(int n, double density, int batch, double activity) {
    return shape("propagationBackward", n, density, batch, activity);
  }

  private static KernelShape shape(String kind, int n, double density, int batch, double activity) {
    boolean forward = kind.equals("propagationForward");
    return new KernelShape(
        kind
            + " n "
            + n
            + " fan-out "
            + Math.round(n * density)
            + " batch "
            + batch
            + " activity "
            + activity,
        forward
            ? List.of("propagationForward")
            : List.of("propagationTransposed", "propagationGradient"),
        room -> {
          PropagationShapes made = new PropagationShapes(room, n, density, batch, activity);
          return forward ? made.forwardCases() : made.backwardCases();
        });
  }

  private Events next() {
    turn = (turn + 1) % TURNS;
    return events[turn];
  }

  private Map<String, String> params(boolean ordered) {
    return KernelShape.params(
        "n",
        n,
        "density",
        density,
        "batch",
        batch,
        "activity",
        activity,
        "format",
        "CSR",
        "sums",
        ordered ? "in order" : "in any order");
  }

  private Case of(String method, boolean ordered, String note, Runnable call, Runnable check) {
    return Case.of(method, params(ordered), Map.of(), note, call, check);
  }

  private List<Case> forwardCases() {
    List<Case> cases = new ArrayList<>();
    for (boolean ordered : new boolean[] {true, false}) {
      EventPropagation propagation =
          room.own(
              ordered
                  ? EventPropagation.of(synapses, batch)
                  : EventPropagation.fast(synapses, batch));
      cases.add(
          of(
              "propagationForward",
              ordered,
              ordered ? "sums " + room.backend.propagationPlan(synapses, batch) : "",
              () -> propagation.forward(next(), currents),
              () -> checkForward(propagation)));
    }
    return cases;
  }

  private List<Case> backwardCases() {
    EventPropagation propagation = room.own(EventPropagation.of(synapses, batch));
    DeviceArray sums = room.floats(batch, n);
    DeviceArray gradient = room.floats(synapses.count()).zero();
    return List.of(
        of(
            "propagationTransposed",
            true,
            "",
            () -> propagation.transposed(next(), currents, sums),
            () -> checkTransposed(propagation, sums)),
        of(
            "propagationGradient",
            true,
            "",
            () -> propagation.weightGradient(next(), currents, gradient),
            () -> checkGradient(propagation, gradient)));
  }

  /** First synapse of a source among those that are repeated. */
  private int row(int source) {
    return source % (indices.length / fanOut) * fanOut;
  }

  /** The last sample against a loop. */
  private void checkForward(EventPropagation propagation) {
    double[] expected = new double[n];
    for (int source : active[0][batch - 1]) {
      for (int s = row(source); s < row(source) + fanOut; s++) {
        expected[indices[s]] += weights[s];
      }
    }
    try (DeviceArray out = room.backend.allocate(DType.FLOAT32, batch, n)) {
      out.zero();
      propagation.forward(events[0], out);
      compare("currents", room.read(out, (batch - 1L) * n, n), expected);
    }
  }

  private void checkTransposed(EventPropagation propagation, DeviceArray sums) {
    int[] sources = active[0][batch - 1];
    float[] adjoint = room.read(currents, (batch - 1L) * n, n);
    double[] expected = new double[sources.length];
    for (int e = 0; e < sources.length; e++) {
      for (int s = row(sources[e]); s < row(sources[e]) + fanOut; s++) {
        expected[e] += (double) weights[s] * adjoint[indices[s]];
      }
    }
    propagation.transposed(events[0], currents, sums);
    compare("sums", room.read(sums, (batch - 1L) * n, sources.length), expected);
  }

  /** Rows of the first sources that the last sample has an event of, over all samples. */
  private void checkGradient(EventPropagation propagation, DeviceArray gradient) {
    gradient.zero();
    propagation.weightGradient(events[0], currents, gradient);
    int[] sources = active[0][batch - 1];
    for (int e = 0; e < Math.min(COMPARED_ROWS, sources.length); e++) {
      double[] expected = new double[fanOut];
      for (int b = 0; b < batch; b++) {
        if (java.util.Arrays.binarySearch(active[0][b], sources[e]) >= 0) {
          float[] adjoint = room.read(currents, (long) b * n, n);
          for (int s = 0; s < fanOut; s++) {
            expected[s] += adjoint[indices[row(sources[e]) + s]];
          }
        }
      }
      compare("gradient", room.read(gradient, (long) sources[e] * fanOut, fanOut), expected);
    }
  }

  private static void compare(String what, float[] found, double[] expected) {
    Agreement.close(what, Agreement.doubles(found), expected, TOLERANCE);
  }
}
