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
import java.util.function.Consumer;

/**
 * Chooses the precision of each call by the element type of its currents. Replicas are computed one
 * after the other, each over all cores.
 */
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
    if (hasReplicas(layer)) {
      each(
          layer,
          parts ->
              forward(
                  parts.of(layer),
                  parts.of(inputs),
                  parts.of(outputs),
                  tape == null ? null : parts.of(tape)));
    } else if (inputs.currents().type() == DType.FLOAT64) {
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
    if (hasReplicas(layer)) {
      each(
          layer,
          parts ->
              backward(
                  parts.of(layer),
                  parts.of(inputs),
                  parts.of(tape),
                  parts.of(errors),
                  parts.of(gradients)));
    } else if (inputs.currents().type() == DType.FLOAT64) {
      f64.backward(layer, inputs, tape, errors, gradients);
    } else {
      f32.backward(layer, inputs, tape, errors, gradients);
    }
  }

  @Override
  public void gradientFactors(
      EgruLayer layer, EgruInputs inputs, EgruTape tape, DeviceArray currents, DeviceArray sent) {
    if (hasReplicas(layer)) {
      each(
          layer,
          parts ->
              gradientFactors(
                  parts.of(layer),
                  parts.of(inputs),
                  parts.of(tape),
                  parts.result(currents),
                  parts.result(sent)));
    } else if (currents.type() == DType.FLOAT64) {
      f64.gradientFactors(layer, inputs, tape, currents, sent);
    } else {
      f32.gradientFactors(layer, inputs, tape, currents, sent);
    }
  }

  private static boolean hasReplicas(EgruLayer layer) {
    return layer.pattern() == null && layer.recurrent().shape().length == 3;
  }

  private static void each(EgruLayer layer, Consumer<EgruParts> pass) {
    for (int replica = 0; replica < layer.replicas(); replica++) {
      try (EgruParts parts = new EgruParts(layer.replicas(), replica)) {
        pass.accept(parts);
        parts.store();
      } catch (ArithmeticException e) {
        ArithmeticException named =
            new ArithmeticException("Replica " + replica + ": " + e.getMessage());
        named.initCause(e);
        throw named;
      }
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
