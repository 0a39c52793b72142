package io.tacet.network;

import io.tacet.Backend;
import io.tacet.eventprop.GridReadouts;
import io.tacet.eventprop.Simulator;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;

/**
 * One batch on its way through a network and back: the buffers of a batch size, used again and
 * again. A loss goes between {@link #forward} and {@link #backward}: it reads the output and writes
 * the errors of the output. Owns its buffers, not the network.
 */
public final class Pass implements AutoCloseable {
  private static final int SPIKES_PER_NEURON = 2;

  private final Network network;
  private final int batch;
  private final Spikes input;
  private final Spikes[] spikes;
  private final DeviceArray values;
  private final DeviceArray valueErrors;
  private final DeviceArray moments;
  private final DeviceArray labels;
  private final DeviceArray losses;
  private final DeviceArray predicted;
  private final Resources resources = new Resources();

  /** Whether the last layer has had its backward pass already. */
  private boolean outputDone;

  /**
   * @param batch number of samples
   * @param inputCapacity largest number of input events of a sample
   * @param inputErrors whether the backward pass gives the gradient of input times
   */
  public Pass(Network network, int batch, int inputCapacity, boolean inputErrors) {
    this.network = network;
    this.batch = batch;
    Backend backend = network.backend();
    DType type = network.type();
    int capacity = Math.max(1, inputCapacity);
    try {
      input =
          resources.own(
              inputErrors
                  ? Spikes.inputsWithErrors(backend, type, batch, capacity)
                  : Spikes.inputs(backend, type, batch, capacity));
      spikes = new Spikes[network.stages().size()];
      resources.own(this::closeSpikes);
      for (int k = 0; k < spikes.length; k++) {
        Stage stage = network.stages().get(k);
        if (stage.lif != null) {
          int room = 16 + SPIKES_PER_NEURON * stage.spec.neurons();
          spikes[k] = Spikes.outputs(backend, type, batch, room);
        }
      }
      int outputs = network.spec().outputs();
      boolean readout = last().readout != null;
      values = readout ? resources.own(backend.allocate(type, batch, outputs)) : null;
      valueErrors = readout ? resources.own(backend.allocate(type, batch, outputs)) : null;
      moments = readout ? resources.own(backend.allocate(type, batch, outputs)) : null;
      labels = resources.own(backend.allocate(DType.INT32, batch));
      losses = resources.own(backend.allocate(type, batch));
      predicted = resources.own(backend.allocate(DType.INT32, batch));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private Stage last() {
    return network.stages().get(network.stages().size() - 1);
  }

  private void closeSpikes() {
    for (Spikes s : spikes) {
      if (s != null) {
        s.close();
      }
    }
  }

  public Network network() {
    return network;
  }

  /** Number of samples. */
  public int batch() {
    return batch;
  }

  /** Input events; fill before {@link #forward}. */
  public Spikes input() {
    return input;
  }

  /** Output events of layer k; null for a read-out. */
  public Spikes spikes(int k) {
    return spikes[k];
  }

  /** Output events of the last layer; null for a read-out. */
  public Spikes output() {
    return spikes[spikes.length - 1];
  }

  /** Read-out values [batch][outputs]; null for a spiking output. */
  public DeviceArray values() {
    return values;
  }

  /** dL/dvalue, [batch][outputs]; a loss writes it. Null for a spiking output. */
  public DeviceArray valueErrors() {
    return valueErrors;
  }

  /** INT32 [batch]. */
  public DeviceArray labels() {
    return labels;
  }

  /** Loss of each sample; a loss writes it. */
  public DeviceArray losses() {
    return losses;
  }

  /** Predicted class of each sample, INT32; a loss writes it. */
  public DeviceArray predicted() {
    return predicted;
  }

  /** Simulates all layers. Buffers that turn out too small are replaced by larger ones. */
  public void forward() {
    Simulator simulator = network.spec().simulator();
    outputDone = false;
    Spikes below = input;
    for (int k = 0; k < spikes.length; k++) {
      Stage stage = network.stages().get(k);
      if (stage.lif == null) {
        simulator.readoutForward(stage.readout, below, values, moments);
      } else {
        spikes[k] = simulator.forwardGrowing(stage.lif, below, spikes[k]);
        below = spikes[k];
      }
    }
  }

  /**
   * The cross-entropy of a read-out at every step, forward and backward in one: writes {@link
   * #losses} and {@link #predicted} and adds the gradients of the last layer, which {@link
   * #backward} then leaves out. Needs no {@link #valueErrors}.
   *
   * @param dt step in ms
   */
  public void crossEntropyOverTime(double dt) {
    Stage stage = last();
    Spikes below = spikes.length == 1 ? input : spikes[spikes.length - 2];
    GridReadouts.crossEntropyOverTime(
        stage.readout, dt, below, labels, losses, predicted, stage.gradients.inputWeights());
    outputDone = true;
  }

  /**
   * Adds the gradients of all layers.
   *
   * @param kicks for each layer what is added to lambda_V at each spike, [neurons]; null members,
   *     or null for none
   */
  public void backward(DeviceArray[] kicks) {
    Simulator simulator = network.spec().simulator();
    for (int k = spikes.length - (outputDone ? 2 : 1); k >= 0; k--) {
      Stage stage = network.stages().get(k);
      Spikes below = k == 0 ? input : spikes[k - 1];
      if (stage.lif == null) {
        simulator.readoutBackward(
            stage.readout, below, valueErrors, moments, stage.gradients.inputWeights());
      } else {
        simulator.backward(
            stage.lif, below, spikes[k], stage.gradients, kicks == null ? null : kicks[k]);
      }
    }
  }

  @Override
  public void close() {
    resources.close();
  }
}
