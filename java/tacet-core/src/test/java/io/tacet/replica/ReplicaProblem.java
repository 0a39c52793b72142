package io.tacet.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruState;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Arrays of all replicas or of one, random, and the same for a replica either way. */
final class ReplicaProblem {
  private static final int REPLICAS = 3;

  private final Backend backend;
  private final DType type;
  private final Resources own;

  /** Null for all. */
  private final Integer replica;

  private int seed;

  ReplicaProblem(Backend backend, DType type, Resources own, Integer replica) {
    this.backend = backend;
    this.type = type;
    this.own = own;
    this.replica = replica;
  }

  /** Number of replicas. */
  int count() {
    return replica == null ? REPLICAS : 1;
  }

  /** With an axis for the replicas where there are all of them. */
  DeviceArray real(long... shape) {
    long length = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    double[] all = new SplittableRandom(seed++).doubles(REPLICAS * length, -1, 1).toArray();
    return own.own(backend.allocate(type, extents(shape))).copyFrom(part(all));
  }

  private long[] extents(long... shape) {
    long[] extents = new long[shape.length + 1];
    extents[0] = REPLICAS;
    System.arraycopy(shape, 0, extents, 1, shape.length);
    return replica == null ? extents : shape;
  }

  private double[] part(double[] all) {
    int length = all.length / REPLICAS;
    return replica == null
        ? all
        : Arrays.copyOfRange(all, replica * length, (replica + 1) * length);
  }

  DeviceArray rows(int count, int below) {
    int[] all = new SplittableRandom(seed++).ints((long) REPLICAS * count, 0, below).toArray();
    return own.own(backend.of(part(all)));
  }

  private int[] part(int[] all) {
    int count = all.length / REPLICAS;
    return replica == null ? all : Arrays.copyOfRange(all, replica * count, (replica + 1) * count);
  }

  DeviceArray room(DType type, long... shape) {
    return own.own(backend.allocate(type == DType.FLOAT64 ? this.type : type, extents(shape)));
  }

  /** Integers, to be compared like the others. */
  DeviceArray asReal(DeviceArray array) {
    double[] values = Arrays.stream(array.toInts()).asDoubleStream().toArray();
    return own.own(backend.allocate(type, values.length)).copyFrom(values);
  }

  EgruState state(int batch, int units) {
    return new EgruState(real(batch, units), real(batch, units));
  }

  /** The seed of one, and the seeds of all. */
  EgruInputs withSeed(
      DeviceArray currents, DeviceArray lengths, EgruState initial, boolean reversed) {
    long[] seeds = new SplittableRandom(seed++).longs(REPLICAS).toArray();
    if (replica != null) {
      return new EgruInputs(currents, lengths, initial, true, seeds[replica], reversed, Double.NaN);
    }
    int[] words = new int[2 * REPLICAS];
    for (int k = 0; k < REPLICAS; k++) {
      words[2 * k] = (int) seeds[k];
      words[2 * k + 1] = (int) (seeds[k] >>> 32);
    }
    DeviceArray all = own.own(backend.of(words));
    return new EgruInputs(currents, lengths, initial, true, 7, reversed, Double.NaN, all);
  }

  /** What is computed, and the arrays that it changes. */
  interface Work {
    DeviceArray[] on(ReplicaProblem problem);
  }

  /** Checks that what is computed for all replicas at once is what is computed for each. */
  static void same(BackendCase on, String what, Work work) {
    try (Backend backend = on.backend().get();
        Resources own = new Resources()) {
      DeviceArray[] together = work.on(new ReplicaProblem(backend, on.type(), own, null));
      // cuBLAS may choose another algorithm for several products.
      double tolerance = backend.name().equals("cuda") ? 1e-4 : 0;
      for (int replica = 0; replica < REPLICAS; replica++) {
        DeviceArray[] alone = work.on(new ReplicaProblem(backend, on.type(), own, replica));
        for (int k = 0; k < alone.length; k++) {
          double[] expected = alone[k].toDoubles();
          double[] all = together[k].toDoubles();
          assertThat(all).hasSize(REPLICAS * expected.length);
          int from = replica * expected.length;
          double difference =
              IntStream.range(0, expected.length)
                  .mapToDouble(i -> Math.abs(all[from + i] - expected[i]))
                  .max()
                  .orElseThrow();
          assertThat(difference)
              .as("largest difference in %s, replica %d, array %d", what, replica, k)
              .isLessThanOrEqualTo(tolerance);
        }
      }
    }
  }

  /** Checks that arguments are refused with a message that has all these words. */
  static void refused(Runnable body, String... words) {
    assertThatThrownBy(body::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }
}
