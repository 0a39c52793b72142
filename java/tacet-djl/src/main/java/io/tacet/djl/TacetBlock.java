package io.tacet.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Flow;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A network as a block of DJL, for inference: [batch][steps][channels] in, values of the read-out
 * out, [batch][outputs], or [batch][steps][outputs] where it reads every step.
 *
 * <p>Weights are the network's: DJL sees no parameters, and saves and trains none. Numbers are
 * copied on the way in (by the engine, which makes the steps the first extent, and into the
 * network's backend) and on the way out. The block keeps buffers for each batch size until it is
 * closed; network and backend stay the caller's and have to be open longer. Thread-safe: one call
 * computes at a time.
 */
public final class TacetBlock extends AbstractBlock implements AutoCloseable {
  private final Network network;
  private final Map<PassShape, Pass> passes = new HashMap<>();
  private final Resources resources = new Resources();
  private boolean closed;

  /**
   * A block around a network.
   *
   * @throws IllegalArgumentException unless it is one on steps with a read-out
   */
  public TacetBlock(Network network) {
    Flow input = network.spec().input().flow();
    Flow output = network.spec().below(network.layers().size());
    if (input.kind() != Flow.Kind.STEPS || output.kind() != Flow.Kind.VALUES) {
      throw new IllegalArgumentException(
          "network: expected one from .sequence(channels) to a read-out, got one from "
              + network.spec().input().toMap()
              + " to "
              + output.kind()
              + ".");
    }
    this.network = network;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    if (training) {
      throw new IllegalStateException(
          "training: expected inference, since DJL does not know the gradients of Tacet; train the"
              + " network by io.tacet.training.Training, on data of DJL by DjlSequences.");
    }
    NDArray x = inputs.singletonOrThrow();
    long[] shape = x.getShape().getShape();
    check(shape);
    synchronized (network) {
      Pass pass = pass(PassShape.steps((int) shape[0], (int) shape[1], null));
      load(x, pass.inputSteps());
      pass.forward();
      return new NDList(values(x.getManager(), pass));
    }
  }

  private void check(long[] shape) {
    int channels = network.spec().input().flow().columns();
    if (shape.length != 3 || shape[2] != channels || shape[0] < 1 || shape[1] < 1) {
      throw new IllegalArgumentException(
          "input: expected [batch][steps]["
              + channels
              + "], as the network has so many channels, got "
              + Arrays.toString(shape)
              + "; a translator's batchifier adds the first extent, NDArray.reshape the others.");
    }
  }

  private Pass pass(PassShape shape) {
    if (closed) {
      throw new IllegalStateException("A block of a network is closed.");
    }
    return passes.computeIfAbsent(shape, s -> resources.own(new Pass(network, s)));
  }

  private static void load(NDArray x, DeviceArray input) {
    try (NDManager scope = x.getManager().newSubManager()) {
      NDArray steps = x.swapAxes(0, 1);
      steps.attach(scope);
      NDArray typed = steps.toType(DjlArrays.typeOf(input.type()), false);
      typed.attach(scope);
      DjlArrays.copy(typed, input);
    }
  }

  private NDArray values(NDManager manager, Pass pass) {
    NDArray values = DjlArrays.copyOf(manager, pass.values());
    if (!network.spec().readsEveryStep()) {
      return values;
    }
    int outputs = network.spec().outputs();
    NDArray steps = values.reshape(pass.steps(), pass.batch(), outputs);
    return steps.swapAxes(0, 1);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    check(inputs[0].getShape());
    long outputs = network.spec().outputs();
    long batch = inputs[0].get(0);
    return new Shape[] {
      network.spec().readsEveryStep()
          ? new Shape(batch, inputs[0].get(1), outputs)
          : new Shape(batch, outputs)
    };
  }

  @Override
  public DataType[] getOutputDataTypes() {
    return new DataType[] {DjlArrays.typeOf(network.spec().precision())};
  }

  /** Refused: a network is saved by {@code Network.save}. */
  @Override
  public void saveParameters(DataOutputStream out) {
    throw new UnsupportedOperationException(
        "A network of Tacet is saved by Network.save(file), not by DJL.");
  }

  /** Refused: a network is loaded by {@code Network.load}. */
  @Override
  public void loadParameters(NDManager manager, DataInputStream in) {
    throw new UnsupportedOperationException(
        "A network of Tacet is loaded by Network.load(backend, file), not by DJL.");
  }

  /** Releases the buffers; the network stays open. May be called again. */
  @Override
  public void close() {
    synchronized (network) {
      closed = true;
      passes.clear();
      resources.close();
    }
  }
}
