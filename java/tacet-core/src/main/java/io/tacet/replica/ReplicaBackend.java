package io.tacet.replica;

import io.tacet.Backend;
import io.tacet.memory.ArrayBytes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import io.tacet.spi.Kernels;
import io.tacet.spi.Storage;

/** The backend of a replica: a part of the shared one. */
final class ReplicaBackend implements Backend {
  private final ArrayBytes arrayBytes = new ArrayBytes();
  private final Backend shared;
  private final SharedArrays arrays;
  private final Lockstep lockstep;
  private final int replica;
  private final Kernels kernels;

  ReplicaBackend(SharedArrays arrays, Lockstep lockstep, int replica) {
    this.shared = arrays.backend();
    this.arrays = arrays;
    this.lockstep = lockstep;
    this.replica = replica;
    this.kernels = new ReplicaKernels(shared.kernels(), lockstep, replica);
  }

  @Override
  public String name() {
    return shared.name();
  }

  @Override
  public String description() {
    return shared.description() + ", replica " + (replica + 1) + " of " + arrays.replicas();
  }

  @Override
  public boolean supports(DType type) {
    return shared.supports(type);
  }

  @Override
  public DeviceArray allocate(DType type, long... shape) {
    return DeviceArray.over(this, type, length -> storage(type, shape), shape);
  }

  @Override
  public Storage allocateStorage(DType type, long length) {
    return storage(type, length);
  }

  private Storage storage(DType type, long... shape) {
    Storage[] made = new Storage[1];
    lockstep.alone(
        () -> made[0] = new ReplicaStorage(lockstep, arrays.take(replica, type, shape), replica));
    return made[0];
  }

  @Override
  public Storage wrapStorage(ForeignMemory memory) {
    throw new IllegalArgumentException(
        "memory: expected arrays that the backend of a replica allocates, since they lie beside"
            + " those of the others, got memory of another library. Copy it by Buffers.copy.");
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  /** An equal part for each replica. */
  @Override
  public long memory() {
    return shared.memory() / arrays.replicas();
  }

  @Override
  public ArrayBytes arrayBytes() {
    return arrayBytes;
  }

  @Override
  public void synchronize() {
    lockstep.meet(replica, new OwnCall(shared::synchronize));
  }

  @Override
  public void close() {
    try {
      lockstep.leave(replica);
    } finally {
      lockstep.alone(() -> arrays.leave(replica));
    }
  }
}
