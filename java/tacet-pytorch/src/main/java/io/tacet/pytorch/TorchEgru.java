package io.tacet.pytorch;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.memory.Resources;
import io.tacet.optim.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A layer of event-gated units between modules of libtorch. The presets of JavaCPP have no autograd
 * functions of one's own, so both passes are called:
 *
 * <pre>{@code
 * Tensor below = encoder.forward(x);                    // recorded by libtorch
 * Tensor events = layer.forward(below).set_requires_grad(true);
 * Tensor loss = ...                                     // of events, recorded by libtorch
 * loss.backward();
 * below.backward(layer.backward(events.grad()), ...);
 * }</pre>
 *
 * <p>Tensors are shared with the host and cuda backends, and copied once each way with the java
 * backend. Gradients of the parameters are added up until {@link #zeroGradients}. Not thread-safe.
 */
public final class TorchEgru implements AutoCloseable {
  private final EgruLayer layer;
  private final DeviceArray inputWeights;
  private final Backend backend;
  private final Map<String, DeviceArray> values = new LinkedHashMap<>();
  private final Map<String, DeviceArray> gradients = new LinkedHashMap<>();
  private final Resources resources = new Resources();

  /** What the backward pass needs of the last forward pass; null before and after. */
  private Forward last;

  /**
   * A layer with parameters that stay the caller's.
   *
   * @param layer of FLOAT32 parameters
   * @param inputWeights [channels][3 units], gates z, r, g
   * @throws IllegalArgumentException if the shapes do not go together
   */
  public TorchEgru(EgruLayer layer, DeviceArray inputWeights) {
    long[] shape = inputWeights.shape();
    if (shape.length != 2 || inputWeights.type() != DType.FLOAT32) {
      throw new IllegalArgumentException(
          "inputWeights: expected FLOAT32 [channels][3 units], got " + inputWeights + ".");
    }
    Expect.like("inputWeights", inputWeights, layer.recurrent(), shape[0] * 3 * layer.units());
    this.layer = layer;
    this.inputWeights = inputWeights;
    this.backend = layer.backend();
    values.put("inputWeights", inputWeights);
    values.put("recurrent", layer.recurrent());
    values.put("inputBias", layer.inputBias());
    values.put("recurrentBias", layer.recurrentBias());
    values.put("thresholds", layer.thresholds());
    try {
      values.forEach(
          (name, value) ->
              gradients.put(name, resources.own(backend.allocate(value.type(), value.shape()))));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** Arrays of one forward pass. */
  private static final class Forward implements AutoCloseable {
    final Resources owned = new Resources();
    DeviceArray x;
    EgruInputs inputs;
    EgruTape tape;

    @Override
    public void close() {
      owned.close();
    }
  }

  /**
   * Events of all steps, and what {@link #backward} needs, which the next call forgets.
   *
   * @param x [steps][batch][channels], FLOAT, contiguous; its memory stays unchanged until the
   *     backward pass
   * @return [steps][batch][units], the caller's
   * @throws IllegalArgumentException if the tensor is another one
   */
  public Tensor forward(Tensor x) {
    forget();
    Forward pass = new Forward();
    try (DeviceArray y = run(x, pass)) {
      Tensor events = out(y);
      last = pass;
      return events;
    } catch (RuntimeException | Error e) {
      pass.close();
      throw e;
    }
  }

  private DeviceArray run(Tensor x, Forward pass) {
    pass.x = pass.owned.own(in(x));
    long[] shape = pass.x.shape();
    if (shape.length != 3 || shape[2] != inputWeights.shape()[0]) {
      throw new IllegalArgumentException(
          "x: expected [steps][batch]["
              + inputWeights.shape()[0]
              + "], got "
              + Arrays.toString(shape)
              + ".");
    }
    int steps = Math.toIntExact(shape[0]);
    int batch = Math.toIntExact(shape[1]);
    int units = layer.units();
    DeviceArray currents =
        pass.owned.own(backend.allocate(DType.FLOAT32, steps, batch, 3L * units));
    Dense.multiply(pass.x, inputWeights, false, currents);
    pass.inputs = EgruInputs.of(currents);
    pass.tape = pass.owned.own(EgruTape.of(backend, DType.FLOAT32, steps, batch, units));
    DeviceArray y = backend.allocate(DType.FLOAT32, steps, batch, units);
    try {
      Egru.forward(layer, pass.inputs, new EgruOutputs(y, null, null, null), pass.tape);
      return y;
    } catch (RuntimeException | Error e) {
      y.close();
      throw e;
    }
  }

  /**
   * Adds the gradients of the parameters, once for each forward pass.
   *
   * @param errors dL/devents, [steps][batch][units], FLOAT, contiguous
   * @return dL/dx, [steps][batch][channels], the caller's
   * @throws IllegalStateException if there was no forward pass since the last call
   * @throws IllegalArgumentException if the tensor is another one
   */
  public Tensor backward(Tensor errors) {
    if (last == null) {
      throw new IllegalStateException("backward: expected a forward pass before, found none.");
    }
    Forward pass = last;
    DeviceArray currents = pass.inputs.currents();
    try (DeviceArray dy = in(errors);
        DeviceArray dx = backend.allocate(DType.FLOAT32, pass.x.shape())) {
      Egru.backward(
          layer,
          pass.inputs,
          pass.tape,
          EgruErrors.of(dy),
          new EgruGradients(
              currents,
              gradients.get("recurrent"),
              gradients.get("inputBias"),
              gradients.get("recurrentBias"),
              gradients.get("thresholds"),
              null));
      Dense.transposedMultiply(pass.x, currents, true, gradients.get("inputWeights"));
      Dense.multiplyTransposed(currents, inputWeights, false, dx);
      Tensor out = out(dx);
      forget();
      return out;
    }
  }

  /**
   * Parameters with their gradients, for an optimiser of Tacet; for one of libtorch on the host or
   * cuda backend, {@link TorchTensors#view(DeviceArray)} of both. They stay the layer's.
   */
  public List<Parameter> parameters() {
    return values.keySet().stream().map(this::parameter).toList();
  }

  private Parameter parameter(String name) {
    DeviceArray value = values.get(name);
    return value.shape().length == 2
        ? Parameter.weights(name, value, gradients.get(name))
        : Parameter.bounded(
            name,
            value,
            gradients.get(name),
            name.equals("thresholds") ? 0 : Double.NEGATIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            1);
  }

  /** Sets the gradients of all parameters to 0. */
  public void zeroGradients() {
    gradients.values().forEach(DeviceArray::zero);
  }

  private DeviceArray in(Tensor tensor) {
    return shares() ? TorchTensors.view(backend, tensor) : TorchTensors.copyOf(backend, tensor);
  }

  private Tensor out(DeviceArray array) {
    return shares() ? TorchTensors.view(array) : TorchTensors.copyOf(array);
  }

  private boolean shares() {
    return inputWeights.storage().address() != 0;
  }

  private void forget() {
    if (last != null) {
      last.close();
      last = null;
    }
  }

  /** Releases gradients and what the last forward pass left; parameters stay open. */
  @Override
  public void close() {
    forget();
    resources.close();
  }
}
