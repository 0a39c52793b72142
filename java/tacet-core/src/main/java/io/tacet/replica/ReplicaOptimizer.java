package io.tacet.replica;

import io.tacet.memory.DeviceArray;
import io.tacet.spi.OptimizerKernels;
import java.util.List;

/**
 * Parameter updates of a replica, which are the same for each element and so need no axis for
 * replicas. Sums are of each replica alone.
 */
record ReplicaOptimizer(OptimizerKernels shared, Lockstep lockstep, int replica)
    implements OptimizerKernels {
  @Override
  public void adam(
      DeviceArray parameter,
      DeviceArray gradient,
      DeviceArray m,
      DeviceArray v,
      AdamStep settings,
      int step) {
    lockstep.defer(
        replica,
        KernelCall.of(
            replica,
            "adam",
            List.of(settings, step),
            (replicas, a) -> shared.adam(a[0], a[1], a[2], a[3], settings, step),
            parameter,
            gradient,
            m,
            v));
  }

  @Override
  public void sgd(
      DeviceArray parameter,
      DeviceArray gradient,
      DeviceArray velocity,
      double rate,
      double momentum,
      double decay) {
    lockstep.defer(
        replica,
        KernelCall.of(
            replica,
            "sgd",
            List.of(rate, momentum, decay),
            (replicas, a) -> shared.sgd(a[0], a[1], a[2], rate, momentum, decay),
            parameter,
            gradient,
            velocity));
  }

  @Override
  public void clamp(DeviceArray parameter, double low, double high) {
    lockstep.defer(
        replica,
        KernelCall.of(
            replica,
            "clamp",
            List.of(low, high),
            (replicas, a) -> shared.clamp(a[0], low, high),
            parameter));
  }

  @Override
  public double sumOfSquares(List<DeviceArray> arrays) {
    return ReplicaKernels.meeting(lockstep, replica, () -> shared.sumOfSquares(arrays));
  }

  @Override
  public void scale(DeviceArray array, double factor) {
    lockstep.defer(
        replica,
        KernelCall.of(
            replica, "scale", List.of(factor), (replicas, a) -> shared.scale(a[0], factor), array));
  }
}
