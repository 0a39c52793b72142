package io.tacet.replica;

import io.tacet.Backend;
import io.tacet.memory.DType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Gives replicas their parts of arrays: what one allocates as its n-th array of a type and shape is
 * with the n-th such arrays of the others.
 */
final class SharedArrays implements AutoCloseable {
  private record Kind(DType type, List<Long> shape) {}

  /** Arrays of a kind. */
  private static final class Numbered {
    /** How many each replica has taken. */
    final int[] taken;

    /** By number those that not all have taken. */
    final Map<Integer, SharedArray> waiting = new HashMap<>();

    Numbered(int replicas) {
      taken = new int[replicas];
    }
  }

  private final Backend shared;
  private final int replicas;
  private final Map<Kind, Numbered> kinds = new HashMap<>();
  private final BitSet gone = new BitSet();

  SharedArrays(Backend shared, int replicas) {
    this.shared = shared;
    this.replicas = replicas;
  }

  Backend backend() {
    return shared;
  }

  int replicas() {
    return replicas;
  }

  /** An array of which a replica takes its part, zeroed. */
  SharedArray take(int replica, DType type, long... shape) {
    Kind kind = new Kind(type, LongStream.of(shape).boxed().toList());
    Numbered all = kinds.computeIfAbsent(kind, k -> new Numbered(replicas));
    int number = all.taken[replica];
    SharedArray array = all.waiting.get(number);
    if (array == null) {
      array = new SharedArray(shared, replicas, type, shape);
      gone.stream().forEach(array::release);
      all.waiting.put(number, array);
    }
    all.taken[replica]++;
    if (IntStream.range(0, replicas).allMatch(r -> gone.get(r) || all.taken[r] > number)) {
      all.waiting.remove(number);
    }
    return array;
  }

  /** A replica takes no more. */
  void leave(int replica) {
    if (!gone.get(replica)) {
      gone.set(replica);
      kinds.values().forEach(all -> forgo(all, replica));
    }
  }

  private static void forgo(Numbered all, int replica) {
    new ArrayList<>(all.waiting.keySet())
        .stream()
            .filter(number -> number >= all.taken[replica])
            .forEach(
                number -> {
                  all.waiting.get(number).release(replica);
                  if (all.waiting.get(number).isReleased()) {
                    all.waiting.remove(number);
                  }
                });
  }

  /** Frees what not all replicas have taken. */
  @Override
  public void close() {
    for (int replica = 0; replica < replicas; replica++) {
      leave(replica);
    }
  }
}
