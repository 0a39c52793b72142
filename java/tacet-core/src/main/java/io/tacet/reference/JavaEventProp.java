package io.tacet.reference;

import io.tacet.eventprop.FirstSpikeLoss;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.spi.EventPropKernels;

/** Chooses the precision of each call by the element type of its arrays. */
final class JavaEventProp implements EventPropKernels {
  private final io.tacet.reference.f64.BatchReference f64;
  private final io.tacet.reference.f32.BatchReference f32;
  private final io.tacet.reference.f64.PotentialReference potentials64;
  private final io.tacet.reference.f32.PotentialReference potentials32;

  JavaEventProp(Workers workers) {
    f64 = new io.tacet.reference.f64.BatchReference(workers);
    f32 = new io.tacet.reference.f32.BatchReference(workers);
    potentials64 = new io.tacet.reference.f64.PotentialReference(workers);
    potentials32 = new io.tacet.reference.f32.PotentialReference(workers);
  }

  private static boolean isDouble(DType type) {
    return type == DType.FLOAT64;
  }

  @Override
  public void exactForward(LifLayer layer, Spikes input, Spikes output) {
    if (isDouble(output.type())) {
      f64.forward(layer, input, output);
    } else {
      f32.forward(layer, input, output);
    }
  }

  @Override
  public void exactBackward(
      LifLayer layer, Spikes input, Spikes output, LayerGradients gradients, DeviceArray kick) {
    if (isDouble(output.type())) {
      f64.backward(layer, input, output, gradients, kick);
    } else {
      f32.backward(layer, input, output, gradients, kick);
    }
  }

  @Override
  public void meanPotentials(LifLayer layer, Spikes input, Spikes output, DeviceArray means) {
    if (isDouble(output.type())) {
      potentials64.forward(layer, input, output, means);
    } else {
      potentials32.forward(layer, input, output, means);
    }
  }

  @Override
  public void meanPotentialsBackward(
      LifLayer layer, Spikes input, Spikes output, DeviceArray errors, LayerGradients gradients) {
    if (isDouble(output.type())) {
      potentials64.backward(layer, input, output, errors, gradients);
    } else {
      potentials32.backward(layer, input, output, errors, gradients);
    }
  }

  @Override
  public void readoutForward(
      ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray peakTimes) {
    if (isDouble(values.type())) {
      f64.readout(layer, input, values, peakTimes);
    } else {
      f32.readout(layer, input, values, peakTimes);
    }
  }

  @Override
  public void readoutBackward(
      ReadoutLayer layer,
      Spikes input,
      DeviceArray valueErrors,
      DeviceArray peakTimes,
      DeviceArray weights) {
    if (isDouble(valueErrors.type())) {
      f64.readoutBackward(layer, input, valueErrors, peakTimes, weights);
    } else {
      f32.readoutBackward(layer, input, valueErrors, peakTimes, weights);
    }
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
    if (isDouble(output.type())) {
      io.tacet.reference.f64.LossReference.firstSpike(
          loss, output, labels, classes, duration, losses, predicted);
    } else {
      io.tacet.reference.f32.LossReference.firstSpike(
          loss, output, labels, classes, (float) duration, losses, predicted);
    }
  }

  @Override
  public void crossEntropy(
      DeviceArray values,
      DeviceArray labels,
      DeviceArray valueErrors,
      DeviceArray losses,
      DeviceArray predicted) {
    if (isDouble(values.type())) {
      io.tacet.reference.f64.LossReference.crossEntropy(
          values, labels, valueErrors, losses, predicted);
    } else {
      io.tacet.reference.f32.LossReference.crossEntropy(
          values, labels, valueErrors, losses, predicted);
    }
  }
}
