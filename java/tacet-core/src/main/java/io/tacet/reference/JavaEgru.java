package io.tacet.reference;

import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruStream;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Synapses;
import io.tacet.spi.EgruKernels;
import io.tacet.spi.VectorLoops;

/** Chooses the precision of each call by the element type of its currents. */
final class JavaEgru implements EgruKernels {
  private final io.tacet.reference.f64.EgruReference f64;
  private final io.tacet.reference.f32.EgruReference f32;

  private final Workers workers;
  private final VectorLoops loops;

  JavaEgru(Workers workers, TiledProduct library, VectorLoops loops) {
    this.workers = workers;
    this.loops = loops;
    f64 = new io.tacet.reference.f64.EgruReference(workers, library, null);
    f32 = new io.tacet.reference.f32.EgruReference(workers, library, loops);
  }

  @Override
  public void forward(EgruLayer layer, EgruInputs inputs, EgruOutputs outputs, EgruTape tape) {
    if (inputs.currents().type() == DType.FLOAT64) {
      f64.forward(layer, inputs, outputs, tape);
    } else {
      f32.forward(layer, inputs, outputs, tape);
    }
  }

  @Override
  public void backward(
      EgruLayer layer,
      EgruInputs inputs,
      EgruTape tape,
      EgruErrors errors,
      EgruGradients gradients) {
    if (inputs.currents().type() == DType.FLOAT64) {
      f64.backward(layer, inputs, tape, errors, gradients);
    } else {
      f32.backward(layer, inputs, tape, errors, gradients);
    }
  }

  @Override
  public void gradientFactors(
      EgruLayer layer, EgruInputs inputs, EgruTape tape, DeviceArray currents, DeviceArray sent) {
    if (currents.type() == DType.FLOAT64) {
      f64.gradientFactors(layer, inputs, tape, currents, sent);
    } else {
      f32.gradientFactors(layer, inputs, tape, currents, sent);
    }
  }

  @Override
  public EgruStream stream(EgruLayer layer, Synapses input, int batch) {
    if (input.weights().type() != DType.FLOAT32) {
      throw new IllegalArgumentException(
          "inputWeights: a stream computes in FLOAT32, got " + input.weights() + ".");
    }
    return new io.tacet.reference.f32.EgruStep(workers, loops, layer, input, batch);
  }
}
