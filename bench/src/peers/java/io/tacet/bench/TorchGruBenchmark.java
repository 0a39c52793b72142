package io.tacet.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.RecurrentBlock;
import java.util.List;

/**
 * PyTorch's GRU with as many inputs as units: the dense peer of {@link EgruStreamBenchmark}. Its
 * first step is compared with that of our layer with the same weights and no threshold.
 */
public class TorchGruBenchmark extends TorchStep {
  /** What errors call it. */
  static final String NAME = "PyTorch's GRU";

  /** Place of z, r and g in its rows, which are those of r, z and n. */
  static final List<Integer> GATES = List.of(1, 0, 2);

  @Override
  RecurrentBlock block() {
    return GRU.builder()
        .setStateSize(units)
        .setNumLayers(1)
        .optHasBiases(true)
        .optBatchFirst(false)
        .optReturnState(true)
        .build();
  }

  @Override
  int states() {
    return 1;
  }

  @Override
  void compare(RecurrentBlock made, NDArray x, NDArray out) {
    // The parameters are those of torch.nn.GRU: weights [3 units][inputs] and biases.
    float[][] arrays = new float[4][];
    made.getParameters()
        .forEach(
            p -> {
              int recurrent = p.getKey().contains("h2h") ? 1 : 0;
              int bias = p.getValue().getArray().getShape().dimension() == 1 ? 2 : 0;
              arrays[recurrent + bias] = p.getValue().getArray().toFloatArray();
            });
    new DenseGru(NAME, units, GATES, arrays).compare(batch, x.toFloatArray(), out.toFloatArray());
  }
}
