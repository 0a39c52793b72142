package io.tacet.cuda.internal;

import io.tacet.memory.DeviceArray;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import io.tacet.spi.RnnKernels;

/** Plain recurrent layers of libtacet: one call a sequence. */
final class NativeRnn implements RnnKernels {
  private final NativeRuntime library;
  private final Workspace workspace;
  private final long stream;

  NativeRnn(NativeRuntime library, Workspace workspace, long stream) {
    this.library = library;
    this.workspace = workspace;
    this.stream = stream;
  }

  @Override
  public void forward(
      RnnLayer layer,
      DeviceArray currents,
      DeviceArray first,
      DeviceArray values,
      DeviceArray last) {
    int batch = extent(currents, 2);
    long[] pattern = Words.pattern(layer.pattern());
    long[] bytes = new long[1];
    Calls.check(
        Tacet.tacet_rnn_forward_bytes(
            library.context(), layer.replicas(), batch, layer.units(), pattern, bytes));
    workspace.reserve(1, samples -> bytes[0]);
    Calls.check(
        Tacet.tacet_rnn_forward(
            library.context(),
            layer.replicas(),
            extent(currents, 3),
            batch,
            layer.units(),
            Words.of(layer.activation()),
            pattern,
            layer.recurrent().address(),
            layer.bias().address(),
            currents.address(),
            Words.address(first),
            values.address(),
            Words.address(last),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  @Override
  public void backward(
      RnnLayer layer,
      DeviceArray values,
      DeviceArray first,
      DeviceArray errors,
      RnnGradients gradients) {
    int steps = extent(values, 3);
    int batch = extent(values, 2);
    long[] pattern = Words.pattern(layer.pattern());
    long[] bytes = new long[1];
    Calls.check(
        Tacet.tacet_rnn_backward_bytes(
            library.context(), layer.replicas(), steps, batch, layer.units(), pattern, bytes));
    workspace.reserve(1, samples -> bytes[0]);
    Calls.check(
        Tacet.tacet_rnn_backward(
            library.context(),
            layer.replicas(),
            steps,
            batch,
            layer.units(),
            Words.of(layer.activation()),
            pattern,
            layer.recurrent().address(),
            values.address(),
            Words.address(first),
            errors.address(),
            gradients.currents().address(),
            Words.address(gradients.recurrent()),
            Words.address(gradients.bias()),
            Words.address(gradients.first()),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  /** An extent by its place from the last, which is 1. */
  private static int extent(DeviceArray array, int place) {
    long[] shape = array.shape();
    return Math.toIntExact(shape[shape.length - place]);
  }
}
