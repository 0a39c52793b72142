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

  /**
   * An operation with values that are not the same for all replicas.
   *
   * @param <T> of those of a replica
   */
  interface DifferingAction<T> {
    /**
     * Calls it.
     *
     * @param own those of each replica; null for one that has left
     * @param arrays as those of {@link Action}
     */
    void run(List<T> own, DeviceArray[] arrays);
  }

  private record Key(String operation, List<Object> settings, List<SharedArray> arrays) {}

  private final Key key;
  private final int replica;
  private final Object own;
  private final DifferingAction<Object> action;

  /**
   * A call.
   *
   * @param operation its name
   * @param settings that have to be equal for all replicas
   * @param arrays of the replica, the first not null
   */
  static KernelCall of(
      int replica, String operation, List<Object> settings, Action action, DeviceArray... arrays) {
    return new KernelCall(replica, operation, settings, action, shared(arrays));
  }

  /**
   * As {@link #of}, with what the replica has of its own.
   *
   * @param own its values
   */
  static <T> KernelCall of(
      int replica,
      String operation,
      List<Object> settings,
      T own,
      DifferingAction<T> action,
      DeviceArray... arrays) {
    @SuppressWarnings("unchecked")
    DifferingAction<Object> any = (DifferingAction<Object>) (DifferingAction<?>) action;
    return new KernelCall(replica, operation, settings, own, any, shared(arrays));
  }

  private static SharedArray[] shared(DeviceArray... arrays) {
    return Arrays.stream(arrays)
        .map(array -> array == null ? null : SharedArray.of(array))
        .toArray(SharedArray[]::new);
  }

  /** As {@link #of}. */
  KernelCall(
      int replica, String operation, List<Object> settings, Action action, SharedArray... arrays) {
    this(replica, operation, settings, replica, (own, all) -> action.run(own.size(), all), arrays);
  }

  private KernelCall(
      int replica,
      String operation,
      List<Object> settings,
      Object own,
      DifferingAction<Object> action,
      SharedArray... arrays) {
    this.replica = replica;
    this.own = own;
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
          List.of(own),
          key.arrays.stream()
              .map(array -> array == null ? null : parts.own(array.part(replica)))
              .toArray(DeviceArray[]::new));
    }
  }

  @Override
  public void together(List<Call> all) {
    Object[] values = new Object[key.arrays.get(0).replicas()];
    for (Call each : all) {
      KernelCall call = (KernelCall) each;
      values[call.replica] = call.own;
    }
    action.run(
        Collections.unmodifiableList(Arrays.asList(values)),
        key.arrays.stream()
            .map(array -> array == null ? null : array.all())
            .toArray(DeviceArray[]::new));
  }
}
