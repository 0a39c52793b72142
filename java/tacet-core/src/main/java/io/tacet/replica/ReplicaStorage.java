package io.tacet.replica;

import io.tacet.spi.Storage;
import java.util.List;

/** The memory of an array of a replica, in the order of its calls. */
final class ReplicaStorage implements Storage {
  private final Lockstep lockstep;
  private final SharedArray shared;
  private final int replica;
  private final PartStorage part;

  ReplicaStorage(Lockstep lockstep, SharedArray shared, int replica) {
    this.lockstep = lockstep;
    this.shared = shared;
    this.replica = replica;
    this.part = shared.storage(replica);
  }

  SharedArray shared() {
    return shared;
  }

  /** Whoever asks for it looks at the memory, so everything is done first. */
  @Override
  public long address() {
    lockstep.settle(replica);
    return part.address();
  }

  @Override
  public Object heap() {
    return null;
  }

  @Override
  public void write(long at, Object source, int sourceOffset, int count) {
    Object copy = part.newArray(count);
    System.arraycopy(source, sourceOffset, copy, 0, count);
    lockstep.defer(replica, new Write(part, at, copy, count, whole(at, count)));
  }

  @Override
  public void read(long at, Object target, int targetOffset, int count) {
    lockstep.meet(replica, new Read(part, at, target, targetOffset, count, whole(at, count)));
  }

  /** What a copy has in common with those of the others; null where not all is copied. */
  private SharedArray whole(long at, int count) {
    boolean fits = part.length() * shared.replicas() < Integer.MAX_VALUE - 8;
    return at == 0 && count == part.length() && fits ? shared : null;
  }

  @Override
  public void zero() {
    lockstep.defer(
        replica, new KernelCall(replica, "zero", List.of(), (replicas, a) -> a[0].zero(), shared));
  }

  @Override
  public void free() {
    lockstep.free(replica, () -> shared.release(replica));
  }

  /** Parts of a copy that all replicas make: their array, null where they cannot share it. */
  private record CopyKey(SharedArray shared, boolean write) {}

  private static Object key(SharedArray shared, boolean write) {
    return shared == null ? new Object() : new CopyKey(shared, write);
  }

  private static Object together(PartStorage part, SharedArray shared) {
    return part.newArray(Math.toIntExact(part.length() * shared.replicas()));
  }

  private record Write(PartStorage part, long at, Object source, int count, SharedArray shared)
      implements Call {
    @Override
    public Object key() {
      return ReplicaStorage.key(shared, true);
    }

    @Override
    public void alone() {
      part.write(at, source, 0, count);
    }

    /** Of a replica that has left, zeros. */
    @Override
    public void together(List<Call> all) {
      Object joined = ReplicaStorage.together(part, shared);
      for (Call each : all) {
        Write write = (Write) each;
        System.arraycopy(write.source, 0, joined, write.part.replica() * count, count);
      }
      part.all().storage().write(0, joined, 0, count * shared.replicas());
    }
  }

  private record Read(
      PartStorage part, long at, Object target, int offset, int count, SharedArray shared)
      implements Call {
    @Override
    public Object key() {
      return ReplicaStorage.key(shared, false);
    }

    @Override
    public void alone() {
      part.read(at, target, offset, count);
    }

    @Override
    public void together(List<Call> all) {
      Object joined = ReplicaStorage.together(part, shared);
      part.all().storage().read(0, joined, 0, count * shared.replicas());
      for (Call each : all) {
        Read read = (Read) each;
        System.arraycopy(joined, read.part.replica() * count, read.target, read.offset, count);
      }
    }
  }
}
