package io.tacet.reference;

import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.Spikes;
import io.tacet.eventprop.TimeGrid;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.spi.GridKernels;

/** Chooses the precision of each call by the element type of its events. */
final class JavaGrid implements GridKernels {
  private final io.tacet.reference.f64.GridReference f64;
  private final io.tacet.reference.f32.GridReference f32;

  JavaGrid(Workers workers) {
    f64 = new io.tacet.reference.f64.GridReference(workers);
    f32 = new io.tacet.reference.f32.GridReference(workers);
  }

  private static boolean isDouble(Spikes events) {
    return events.type() == DType.FLOAT64;
  }

  @Override
  public void forward(LifLayer layer, TimeGrid grid, Spikes input, Spikes output) {
    if (isDouble(input)) {
      f64.forward(layer, grid, input, output);
    } else {
      f32.forward(layer, grid, input, output);
    }
  }

  @Override
  public void backward(
      LifLayer layer,
      TimeGrid grid,
      Spikes input,
      Spikes output,
      LayerGradients gradients,
      DeviceArray kick) {
    if (isDouble(input)) {
      f64.backward(layer, grid, input, output, gradients, kick);
    } else {
      f32.backward(layer, grid, input, output, gradients, kick);
    }
  }

  @Override
  public void readoutForward(
      ReadoutLayer layer, TimeGrid grid, Spikes input, DeviceArray values, DeviceArray peakTimes) {
    if (isDouble(input)) {
      f64.readout(layer, grid, input, values, peakTimes);
    } else {
      f32.readout(layer, grid, input, values, peakTimes);
    }
  }

  @Override
  public void readoutBackward(
      ReadoutLayer layer,
      TimeGrid grid,
      Spikes input,
      DeviceArray valueErrors,
      DeviceArray peakTimes,
      DeviceArray weights) {
    if (isDouble(input)) {
      f64.readoutBackward(layer, grid, input, valueErrors, peakTimes, weights);
    } else {
      f32.readoutBackward(layer, grid, input, valueErrors, peakTimes, weights);
    }
  }

  @Override
  public void crossEntropyOverTime(
      ReadoutLayer layer,
      TimeGrid grid,
      Spikes input,
      DeviceArray labels,
      DeviceArray losses,
      DeviceArray predicted,
      DeviceArray weights) {
    if (isDouble(input)) {
      f64.crossEntropyOverTime(layer, grid, input, labels, losses, predicted, weights);
    } else {
      f32.crossEntropyOverTime(layer, grid, input, labels, losses, predicted, weights);
    }
  }
}
