package io.tacet.replica;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** An operation on arrays of replicas. */
final class KernelCall implements Call {
  /** The operation itself. */
  interface Action {
    /**
     * Calls it.
     *
     * @param replicas how many of them the arrays are of
     * @param arrays on the shared backend; with more than 1 they have a leading axis for them. Null
     *     where the call has none
     */
    void run(int replicas, DeviceArray[] arrays);
  }

  private record Key(String operation, List<Object> settings, List<SharedArray> arrays) {}

  private final Key key;
  private final int replica;
  private final Action action;

  /**
   * A call.
   *
   * @param operation its name
   * @param settings that have to be equal for all replicas
   * @param arrays of the replica, the first not null
   */
  static KernelCall of(
      int replica, String operation, List<Object> settings, Action action, DeviceArray... arrays) {
    SharedArray[] shared = new SharedArray[arrays.length];
    Arrays.setAll(shared, k -> arrays[k] == null ? null : SharedArray.of(arrays[k]));
    return new KernelCall(replica, operation, settings, action, shared);
  }

  /** As {@link #of}. */
  KernelCall(
      int replica, String operation, List<Object> settings, Action action, SharedArray... arrays) {
    this.replica = replica;
    this.action = action;
    this.key = new Key(operation, settings, Collections.unmodifiableList(Arrays.asList(arrays)));
  }

  @Override
  public Object key() {
    return key;
  }

  @Override
  public void alone() {
    try (Resources parts = new Resources()) {
      action.run(
          1,
          key.arrays.stream()
              .map(array -> array == null ? null : parts.own(array.part(replica)))
              .toArray(DeviceArray[]::new));
    }
  }

  @Override
  public void together(List<Call> all) {
    int replicas = key.arrays.get(0).replicas();
    action.run(
        replicas,
        key.arrays.stream()
            .map(array -> array == null ? null : array.all())
            .toArray(DeviceArray[]::new));
  }
}
