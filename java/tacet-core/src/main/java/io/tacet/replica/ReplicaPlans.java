package io.tacet.replica;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Events;
import io.tacet.spi.PropagationKernels;
import io.tacet.spi.PropagationKernels.Slots;
import io.tacet.spi.SimulationKernels;

/** What the shared backend has prepared for a replica. Its operations are made for it alone. */
final class ReplicaPlans {
  private ReplicaPlans() {}

  /** The result of an operation, as the replica may use it. */
  static Object own(Object result, Lockstep lockstep, int replica) {
    if (result instanceof PropagationKernels.Plan plan) {
      return new Propagation(plan, lockstep, replica);
    }
    if (result instanceof SimulationKernels.Plan plan) {
      return new Simulation(plan, lockstep, replica);
    }
    return result;
  }

  private record Propagation(PropagationKernels.Plan plan, Lockstep lockstep, int replica)
      implements PropagationKernels.Plan {

    private void meet(Runnable body) {
      lockstep.meet(replica, new OwnCall(body));
    }

    @Override
    public void forward(Events events, Slots target) {
      meet(() -> plan.forward(events, target));
    }

    @Override
    public void transposed(Events events, Slots adjoint, DeviceArray sums) {
      meet(() -> plan.transposed(events, adjoint, sums));
    }

    @Override
    public void weightGradient(Events events, Slots adjoint, DeviceArray gradient) {
      meet(() -> plan.weightGradient(events, adjoint, gradient));
    }

    @Override
    public void patternChanged() {
      meet(plan::patternChanged);
    }

    /** At once, also where another replica has failed: none of its operations is still to come. */
    @Override
    public void close() {
      lockstep.alone(plan::close);
    }
  }

  private record Simulation(SimulationKernels.Plan plan, Lockstep lockstep, int replica)
      implements SimulationKernels.Plan {

    @Override
    public int advance(long first, int count) {
      return ReplicaKernels.meeting(lockstep, replica, () -> plan.advance(first, count));
    }

    /** As that of a propagation. */
    @Override
    public void close() {
      lockstep.alone(plan::close);
    }
  }
}
