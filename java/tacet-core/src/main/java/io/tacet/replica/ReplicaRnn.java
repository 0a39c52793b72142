package io.tacet.replica;

import io.tacet.memory.DeviceArray;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import io.tacet.spi.RnnKernels;
import java.util.List;

/**
 * Plain recurrent layers of a replica; those with dense weights together with those of the others.
 */
record ReplicaRnn(RnnKernels shared, Lockstep lockstep, int replica) implements RnnKernels {
  private static boolean joins(RnnLayer layer) {
    return layer.pattern() == null && layer.recurrent().shape().length == 2;
  }

  @Override
  public void forward(
      RnnLayer layer,
      DeviceArray currents,
      DeviceArray first,
      DeviceArray values,
      DeviceArray last) {
    if (!joins(layer)) {
      lockstep.meet(
          replica, new OwnCall(() -> shared.forward(layer, currents, first, values, last)));
      return;
    }
    lockstep.defer(
        replica,
        KernelCall.of(
            replica,
            "rnn.forward",
            List.of(layer.activation()),
            (replicas, a) ->
                shared.forward(
                    new RnnLayer(a[0], a[1], layer.activation()), a[2], a[3], a[4], a[5]),
            layer.recurrent(),
            layer.bias(),
            currents,
            first,
            values,
            last));
  }

  @Override
  public void backward(
      RnnLayer layer,
      DeviceArray values,
      DeviceArray first,
      DeviceArray errors,
      RnnGradients gradients) {
    if (!joins(layer)) {
      lockstep.meet(
          replica, new OwnCall(() -> shared.backward(layer, values, first, errors, gradients)));
      return;
    }
    lockstep.defer(
        replica,
        KernelCall.of(
            replica,
            "rnn.backward",
            List.of(layer.activation()),
            (replicas, a) ->
                shared.backward(
                    new RnnLayer(a[0], a[1], layer.activation()),
                    a[2],
                    a[3],
                    a[4],
                    new RnnGradients(a[5], a[6], a[7], a[8])),
            layer.recurrent(),
            layer.bias(),
            values,
            first,
            errors,
            gradients.currents(),
            gradients.recurrent(),
            gradients.bias(),
            gradients.first()));
  }
}
