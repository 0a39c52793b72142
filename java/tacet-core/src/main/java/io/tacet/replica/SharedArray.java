package io.tacet.replica;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import java.util.BitSet;

/** The arrays of all replicas, one after the other, on the shared backend. */
final class SharedArray {
  private final DeviceArray all;
  private final long[] shape;
  private final int replicas;

  /** Replicas whose part is in use, or may yet be. */
  private final BitSet users = new BitSet();

  SharedArray(Backend shared, int replicas, DType type, long... shape) {
    long[] extents = new long[shape.length + 1];
    extents[0] = replicas;
    System.arraycopy(shape, 0, extents, 1, shape.length);
    this.all = shared.allocate(type, extents);
    this.shape = shape.clone();
    this.replicas = replicas;
    users.set(0, replicas);
  }

  /** What an array of a replica is a part of. */
  static SharedArray of(DeviceArray array) {
    return ((ReplicaStorage) array.storage()).shared();
  }

  int replicas() {
    return replicas;
  }

  /** All of them, [replicas][...]. */
  DeviceArray all() {
    return all;
  }

  /** Elements of a replica. */
  long length() {
    return all.length() / replicas;
  }

  /** Memory of a replica, at once and not in the order of its calls. */
  PartStorage storage(int replica) {
    return new PartStorage(all, replica, length());
  }

  /** The array of a replica on the shared backend; the caller closes it. */
  DeviceArray part(int replica) {
    return DeviceArray.over(all.backend(), all.type(), length -> storage(replica), shape);
  }

  /** A replica does not use its part, or no more; frees the memory after the last. */
  void release(int replica) {
    if (users.get(replica)) {
      users.clear(replica);
      if (users.isEmpty()) {
        all.close();
      }
    }
  }

  boolean isReleased() {
    return users.isEmpty();
  }
}
