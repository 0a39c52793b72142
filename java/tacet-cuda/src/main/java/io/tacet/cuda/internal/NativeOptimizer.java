package io.tacet.cuda.internal;

import io.tacet.memory.DeviceArray;
import io.tacet.spi.OptimizerKernels;
import java.util.List;

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
  public double sumOfSquares(List<DeviceArray> arrays) {
    int count = arrays.size();
    workspace.reserve(1, samples -> (long) Double.BYTES * (count - 1 + Tacet.TACET_SQUARES_SUMS));
    // Each leaves its sum in its first place and the rest to the next, which begins one place
    // later.
    for (int k = 0; k < count; k++) {
      DeviceArray array = arrays.get(k);
      Calls.check(
          Tacet.tacet_sum_of_squares(
              library.context(),
              array.address(),
              array.length(),
              workspace.address() + (long) Double.BYTES * k,
              stream));
    }
    double sum = 0;
    for (double each : workspace.readDoubles(count)) {
      sum += each;
    }
    return sum;
  }

  @Override
  public void scale(DeviceArray array, double factor) {
    Calls.check(
        Tacet.tacet_scale(
            library.context(), array.address(), array.length(), (float) factor, stream));
  }
}
