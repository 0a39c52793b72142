package io.tacet.replica;

import io.tacet.memory.DeviceArray;
import io.tacet.spi.Storage;
import java.lang.reflect.Array;

/**
 * The part of an array that belongs to a replica. Owns nothing.
 *
 * @param all [replicas][...]
 * @param replica whose part
 * @param length elements of a replica
 */
record PartStorage(DeviceArray all, int replica, long length) implements Storage {
  /** Zeros that are copied at a time. */
  private static final int ZEROS = 1 << 16;

  @Override
  public long address() {
    return all.address() + replica * length * all.type().bytes();
  }

  @Override
  public Object heap() {
    return null;
  }

  @Override
  public void write(long at, Object source, int sourceOffset, int count) {
    all.storage().write(replica * length + at, source, sourceOffset, count);
  }

  @Override
  public void read(long at, Object target, int targetOffset, int count) {
    all.storage().read(replica * length + at, target, targetOffset, count);
  }

  @Override
  public void zero() {
    Object zeros = newArray((int) Math.min(ZEROS, length));
    for (long at = 0; at < length; at += ZEROS) {
      write(at, zeros, 0, (int) Math.min(ZEROS, length - at));
    }
  }

  /** A Java array of the element type. */
  Object newArray(int count) {
    return Array.newInstance(
        switch (all.type()) {
          case FLOAT32 -> float.class;
          case FLOAT64 -> double.class;
          case INT32 -> int.class;
          case UINT16 -> short.class;
        },
        count);
  }

  @Override
  public void free() {}
}
