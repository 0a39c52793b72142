package io.tacet.bench;

import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RecurrentBlock;

/**
 * PyTorch's LSTM with as many inputs as units: four gates to the GRU's three, and on GPUs the
 * better tuned of the two.
 */
public class TorchLstmBenchmark extends TorchStep {
  @Override
  RecurrentBlock block() {
    return LSTM.builder()
        .setStateSize(units)
        .setNumLayers(1)
        .optHasBiases(true)
        .optBatchFirst(false)
        .optReturnState(true)
        .build();
  }

  @Override
  int states() {
    return 2;
  }
}
