package io.tacet.replica;

import io.tacet.eventprop.FirstSpikeLoss;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.spi.EventPropKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Exact spiking layers, read-outs and losses of a replica, together with those of the others;
 * layers of a variant, and mean potentials, alone.
 */
record ReplicaEventProp(EventPropKernels shared, Lockstep lockstep, int replica)
    implements EventPropKernels {

  /** An operation, on arrays that take the places of those that it is given. */
  private interface Body {
    Consumer<EventPropKernels> over(UnaryOperator<DeviceArray> arrays);
  }

  private void call(String operation, List<Object> settings, Body body) {
    List<DeviceArray> arrays = new ArrayList<>();
    body.over(
        array -> {
          arrays.add(array);
          return array;
        });
    lockstep.defer(
        replica,
        KernelCall.of(
            replica,
            operation,
            settings,
            (replicas, all) -> run(replicas, all, body),
            arrays.toArray(DeviceArray[]::new)));
  }

  private void run(int replicas, DeviceArray[] all, Body body) {
    try (Resources parts = new Resources()) {
      Iterator<DeviceArray> next = Arrays.asList(all).iterator();
      body.over(array -> first(replicas, next.next(), parts)).accept(shared.ofReplicas(replicas));
    }
  }

  /** The part of the first of the replicas. */
  private static DeviceArray first(int replicas, DeviceArray all, Resources parts) {
    if (replicas == 1 || all == null) {
      return all;
    }
    long[] shape = all.shape();
    return parts.own(
        DeviceArray.over(
            all.backend(),
            all.type(),
            length -> new PartStorage(all, 0, length),
            Arrays.copyOfRange(shape, 1, shape.length)));
  }

  private void alone(Runnable body) {
    lockstep.meet(replica, new OwnCall(body));
  }

  @Override
  public void exactForward(LifLayer layer, Spikes input, Spikes output) {
    if (!SpikingViews.joins(layer)) {
      alone(() -> shared.exactForward(layer, input, output));
      return;
    }
    call(
        "eventprop.exactForward",
        SpikingViews.settings(layer),
        arrays -> {
          LifLayer own = SpikingViews.layer(layer, arrays);
          Spikes in = input.with(arrays);
          Spikes out = output.with(arrays);
          return kernels -> kernels.exactForward(own, in, out);
        });
  }

  @Override
  public void exactBackward(
      LifLayer layer, Spikes input, Spikes output, LayerGradients gradients, DeviceArray kick) {
    if (!SpikingViews.joins(layer)) {
      alone(() -> shared.exactBackward(layer, input, output, gradients, kick));
      return;
    }
    call(
        "eventprop.exactBackward",
        SpikingViews.settings(layer),
        arrays -> {
          LifLayer own = SpikingViews.layer(layer, arrays);
          Spikes in = input.with(arrays);
          Spikes out = output.with(arrays);
          LayerGradients sums = SpikingViews.gradients(gradients, arrays);
          DeviceArray kicks = arrays.apply(kick);
          return kernels -> kernels.exactBackward(own, in, out, sums, kicks);
        });
  }

  @Override
  public void meanPotentials(LifLayer layer, Spikes input, Spikes output, DeviceArray means) {
    alone(() -> shared.meanPotentials(layer, input, output, means));
  }

  @Override
  public void meanPotentialsBackward(
      LifLayer layer, Spikes input, Spikes output, DeviceArray errors, LayerGradients gradients) {
    alone(() -> shared.meanPotentialsBackward(layer, input, output, errors, gradients));
  }

  @Override
  public void readoutForward(
      ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray peakTimes) {
    if (!SpikingViews.joins(layer.input())) {
      alone(() -> shared.readoutForward(layer, input, values, peakTimes));
      return;
    }
    call(
        "eventprop.readoutForward",
        SpikingViews.settings(layer),
        arrays -> {
          ReadoutLayer own = SpikingViews.readout(layer, arrays);
          Spikes in = input.with(arrays);
          DeviceArray out = arrays.apply(values);
          DeviceArray peaks = arrays.apply(peakTimes);
          return kernels -> kernels.readoutForward(own, in, out, peaks);
        });
  }

  @Override
  public void readoutBackward(
      ReadoutLayer layer,
      Spikes input,
      DeviceArray valueErrors,
      DeviceArray peakTimes,
      DeviceArray weights) {
    if (!SpikingViews.joins(layer.input())) {
      alone(() -> shared.readoutBackward(layer, input, valueErrors, peakTimes, weights));
      return;
    }
    call(
        "eventprop.readoutBackward",
        SpikingViews.settings(layer),
        arrays -> {
          ReadoutLayer own = SpikingViews.readout(layer, arrays);
          Spikes in = input.with(arrays);
          DeviceArray errors = arrays.apply(valueErrors);
          DeviceArray peaks = arrays.apply(peakTimes);
          DeviceArray sums = arrays.apply(weights);
          return kernels -> kernels.readoutBackward(own, in, errors, peaks, sums);
        });
  }

  @Override
  public void firstSpikeLoss(
      FirstSpikeLoss loss,
      Spikes output,
      DeviceArray labels,
      int classes,
      double duration,
      DeviceArray losses,
      DeviceArray predicted) {
    call(
        "eventprop.firstSpikeLoss",
        List.of(loss, classes, duration),
        arrays -> {
          Spikes out = output.with(arrays);
          DeviceArray of = arrays.apply(labels);
          DeviceArray each = arrays.apply(losses);
          DeviceArray found = arrays.apply(predicted);
          return kernels -> kernels.firstSpikeLoss(loss, out, of, classes, duration, each, found);
        });
  }

  @Override
  public void crossEntropy(
      DeviceArray values,
      DeviceArray labels,
      DeviceArray valueErrors,
      DeviceArray losses,
      DeviceArray predicted) {
    call(
        "eventprop.crossEntropy",
        List.of(),
        arrays -> {
          DeviceArray in = arrays.apply(values);
          DeviceArray of = arrays.apply(labels);
          DeviceArray errors = arrays.apply(valueErrors);
          DeviceArray each = arrays.apply(losses);
          DeviceArray found = arrays.apply(predicted);
          return kernels -> kernels.crossEntropy(in, of, errors, each, found);
        });
  }

  @Override
  public int spikeRoom(int needed) {
    RoomCall call = new RoomCall(needed);
    lockstep.meet(replica, call);
    return call.agreed();
  }
}
