package io.tacet.replica;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Replicas of a computation on one device, such as trainings of a network from several seeds, that
 * share launches. Each computes on a backend of its own, on a thread of its own, as if it were
 * alone, and with the same results: bit for bit on {@code host}, on {@code cuda} but for products
 * by cuBLAS.
 *
 * <p>Operations of replicas wait until a result is asked for: a copy from the device, a sum, or the
 * end of the backend. When all replicas that are still there have asked for one, their operations
 * are made: those that all have called with the same settings, on arrays that they have allocated
 * in the same order, at once. These are dense products and what goes with them, plain recurrent and
 * event-gated layers with dense weights, exact spiking layers of LIF neurons and their read-outs,
 * activations, losses of read-outs and of first spikes, updates of parameters, and copies. All
 * others are made one replica after the other: spiking layers on a grid and of variants of LIF
 * neurons, sparse connections of layers that do not spike, dropout (whose masks differ), norms of
 * gradients. Replicas may call different things; they then share less.
 *
 * <p>Event-gated layers may differ in the seeds of their zoneout and in what is known about their
 * activity: {@code EgruEngine.AUTO} chooses one engine for all, by the mean of their activities,
 * and a replica is bit for bit what it is alone with that engine. {@code EgruEngine.PERSISTENT}
 * needs room on the device for blocks that wait for each other, so a group may take several
 * launches.
 *
 * <p>Sparse spiking layers may have a pattern each, of as many synapses: patterns of other sizes
 * are no parts of one array, and their layers are one after the other. Where spikes of one replica
 * find no room, all get as much as it needs and repeat the pass. A batch for which {@code
 * tacet.workspace} is too small is computed in rounds, replica by replica; then sums over it may
 * differ by rounding from those alone where there was less room for spikes.
 *
 * <p>An array of a replica is a part of an array on the shared backend with a leading axis for the
 * replicas, so a group takes the memory of its replicas together.
 */
public final class ReplicaGroup implements AutoCloseable {
  private final Lockstep lockstep;
  private final SharedArrays arrays;
  private final List<Backend> backends;

  /**
   * A group.
   *
   * @param shared computes for all; used by nothing else meanwhile, and closed by the caller after
   *     the group
   * @param replicas number of them, at least 1; each has to be used, or closed, since the others
   *     wait for it
   * @throws IllegalArgumentException for the java backend, whose arrays have no parts
   */
  public ReplicaGroup(Backend shared, int replicas) {
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas: expected at least 1, got " + replicas + ".");
    }
    try (DeviceArray array = shared.allocate(DType.INT32, 1)) {
      if (array.storage().heap() != null) {
        throw new IllegalArgumentException(
            "shared: expected host or cuda, got "
                + shared.name()
                + ", whose arrays are on the Java heap; open a backend for each replica there.");
      }
    }
    lockstep = new Lockstep(replicas);
    arrays = new SharedArrays(shared, replicas);
    backends =
        IntStream.range(0, replicas)
            .mapToObj(replica -> (Backend) new ReplicaBackend(arrays, lockstep, replica))
            .toList();
  }

  /**
   * The backend of a replica. Used by one thread, and closed by the caller when the replica ends,
   * after which the others no longer wait for it. Its arrays are closed before.
   *
   * @param replica from 0
   */
  public Backend backend(int replica) {
    return backends.get(replica);
  }

  /**
   * Tells that a replica has failed: the others get an {@link IllegalStateException} at their next
   * operation, also those that wait.
   */
  public void fail() {
    lockstep.fail();
  }

  /** Frees what is left when every replica has ended. */
  @Override
  public void close() {
    lockstep.alone(arrays::close);
  }
}
