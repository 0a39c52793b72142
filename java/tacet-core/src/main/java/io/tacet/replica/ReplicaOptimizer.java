package io.tacet.replica;

import io.tacet.memory.DeviceArray;
import io.tacet.spi.OptimizerKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Parameter updates of a replica, which are the same for each element and so need no axis for
 * replicas. Sums, and norms that are clipped, are of each replica alone.
 */
record ReplicaOptimizer(OptimizerKernels shared, Lockstep lockstep, int replica)
    implements OptimizerKernels {

  /** Arrays of an update, of which some may be null. */
  private static final int ARRAYS = 4;

  @Override
  public void adam(List<Update> updates, AdamSettings settings, double factor, int step) {
    defer(
        "adam",
        updates,
        List.of(settings, factor, step),
        all -> shared.adam(all, settings, factor, step));
  }

  @Override
  public void sgd(List<Update> updates, double momentum, double factor) {
    defer("sgd", updates, List.of(momentum, factor), all -> shared.sgd(all, momentum, factor));
  }

  private void defer(
      String operation, List<Update> updates, List<Object> settings, Consumer<List<Update>> call) {
    List<Object> key = new ArrayList<>(settings);
    DeviceArray[] arrays = new DeviceArray[ARRAYS * updates.size()];
    int at = 0;
    for (Update update : updates) {
      key.addAll(
          List.of(update.rate(), update.decay(), update.low(), update.high(), update.clears()));
      arrays[at++] = update.parameter();
      arrays[at++] = update.gradient();
      arrays[at++] = update.first();
      arrays[at++] = update.second();
    }
    lockstep.defer(
        replica,
        KernelCall.of(
            replica, operation, key, (replicas, a) -> call.accept(with(updates, a)), arrays));
  }

  /** Updates of other arrays. */
  private static List<Update> with(List<Update> updates, DeviceArray[] arrays) {
    List<Update> all = new ArrayList<>();
    for (int k = 0; k < updates.size(); k++) {
      Update update = updates.get(k);
      int at = ARRAYS * k;
      all.add(
          new Update(
              arrays[at],
              arrays[at + 1],
              arrays[at + 2],
              arrays[at + 3],
              update.rate(),
              update.decay(),
              update.low(),
              update.high(),
              update.clears()));
    }
    return all;
  }

  @Override
  public double sumOfSquares(List<DeviceArray> arrays) {
    return ReplicaKernels.meeting(lockstep, replica, () -> shared.sumOfSquares(arrays));
  }

  @Override
  public void clipNorm(List<DeviceArray> arrays, double most) {
    lockstep.defer(replica, new OwnCall(() -> shared.clipNorm(arrays, most)));
  }

  @Override
  public void zero(List<DeviceArray> arrays) {
    lockstep.defer(
        replica,
        KernelCall.of(
            replica,
            "zero",
            List.of(),
            (replicas, a) -> shared.zero(Arrays.asList(a)),
            arrays.toArray(DeviceArray[]::new)));
  }

  @Override
  public void scale(DeviceArray array, double factor) {
    lockstep.defer(
        replica,
        KernelCall.of(
            replica, "scale", List.of(factor), (replicas, a) -> shared.scale(a[0], factor), array));
  }
}
