package io.tacet.cuda.internal;

import io.tacet.memory.DeviceArray;
import io.tacet.spi.OptimizerKernels;

/** Parameter updates of libtacet. */
final class NativeOptimizer implements OptimizerKernels {
  private final NativeRuntime library;
  private final Workspace workspace;
  private final long stream;

  NativeOptimizer(NativeRuntime library, Workspace workspace, long stream) {
    this.library = library;
    this.workspace = workspace;
    this.stream = stream;
  }

  @Override
  public void adam(
      DeviceArray parameter,
      DeviceArray gradient,
      DeviceArray m,
      DeviceArray v,
      AdamStep settings,
      int step) {
    Calls.check(
        Tacet.tacet_adam(
            library.context(),
            parameter.address(),
            gradient.address(),
            m.address(),
            v.address(),
            parameter.length(),
            (float) settings.beta1(),
            (float) settings.beta2(),
            (float) (1 - settings.rate() * settings.decay()),
            (float) (settings.rate() / (1 - Math.pow(settings.beta1(), step))),
            (float) Math.sqrt(1 - Math.pow(settings.beta2(), step)),
            (float) settings.epsilon(),
            (float) settings.clip(),
            stream));
  }

  @Override
  public void sgd(
      DeviceArray parameter,
      DeviceArray gradient,
      DeviceArray velocity,
      double rate,
      double momentum,
      double decay) {
    Calls.check(
        Tacet.tacet_sgd(
            library.context(),
            parameter.address(),
            gradient.address(),
            Words.address(velocity),
            parameter.length(),
            (float) rate,
            (float) momentum,
            (float) decay,
            stream));
  }

  @Override
  public void clamp(DeviceArray parameter, double low, double high) {
    Calls.check(
        Tacet.tacet_clamp(
            library.context(),
            parameter.address(),
            parameter.length(),
            (float) low,
            (float) high,
            stream));
  }

  @Override
  public double sumOfSquares(DeviceArray array) {
    workspace.reserve(1, samples -> (long) Double.BYTES * Tacet.TACET_SQUARES_SUMS);
    Calls.check(
        Tacet.tacet_sum_of_squares(
            library.context(), array.address(), array.length(), workspace.address(), stream));
    return workspace.readDouble();
  }

  @Override
  public void scale(DeviceArray array, double factor) {
    Calls.check(
        Tacet.tacet_scale(
            library.context(), array.address(), array.length(), (float) factor, stream));
  }
}
