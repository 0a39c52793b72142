package io.tacet.cuda.internal;

import io.tacet.memory.DeviceArray;
import io.tacet.spi.OptimizerKernels;
import java.util.List;

/** Parameter updates of libtacet, of all parameters in one launch. */
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
  public void adam(List<Update> updates, AdamSettings settings, double factor, int step) {
    double unbias = 1 - Math.pow(settings.beta1(), step);
    long[] words = new long[Tacet.TACET_UPDATE_WORDS * updates.size()];
    for (int k = 0; k < updates.size(); k++) {
      Update update = updates.get(k);
      double rate = update.rate() * factor;
      put(update, rate / unbias, 1 - rate * update.decay(), words, k);
    }
    Calls.check(
        Tacet.tacet_adam(
            library.context(),
            words,
            updates.size(),
            (float) settings.beta1(),
            (float) settings.beta2(),
            (float) Math.sqrt(1 - Math.pow(settings.beta2(), step)),
            (float) settings.epsilon(),
            (float) settings.clip(),
            stream));
  }

  @Override
  public void sgd(List<Update> updates, double momentum, double factor) {
    long[] words = new long[Tacet.TACET_UPDATE_WORDS * updates.size()];
    for (int k = 0; k < updates.size(); k++) {
      Update update = updates.get(k);
      put(update, update.rate() * factor, update.decay(), words, k);
    }
    Calls.check(
        Tacet.tacet_sgd(library.context(), words, updates.size(), (float) momentum, stream));
  }

  /** {@code tacet_update} number k. */
  private static void put(Update update, double rate, double keep, long[] words, int k) {
    int at = Tacet.TACET_UPDATE_WORDS * k;
    words[at] = update.parameter().address();
    words[at + 1] = update.gradient().address();
    words[at + 2] = Words.address(update.first());
    words[at + 3] = Words.address(update.second());
    words[at + 4] = update.parameter().length();
    words[at + 5] = Float.floatToRawIntBits((float) rate);
    words[at + 6] = Float.floatToRawIntBits((float) keep);
    words[at + 7] = Float.floatToRawIntBits((float) update.low());
    words[at + 8] = Float.floatToRawIntBits((float) update.high());
    words[at + 9] = update.clears() ? 1 : 0;
  }

  @Override
  public double sumOfSquares(List<DeviceArray> arrays) {
    reserveSums(arrays);
    Calls.check(
        Tacet.tacet_sum_of_squares(
            library.context(), words(arrays), arrays.size(), workspace.address(), stream));
    return workspace.readDoubles(1)[0];
  }

  @Override
  public void clipNorm(List<DeviceArray> arrays, double most) {
    reserveSums(arrays);
    Calls.check(
        Tacet.tacet_clip_norm(
            library.context(), words(arrays), arrays.size(), most, workspace.address(), stream));
  }

  private void reserveSums(List<DeviceArray> arrays) {
    long sums = Tacet.TACET_SQUARES_RESULTS + (long) Tacet.TACET_SQUARES_PARTS * arrays.size();
    workspace.reserve(1, samples -> Double.BYTES * sums);
  }

  /** {@code tacet_array}, one behind the other. */
  private static long[] words(List<DeviceArray> arrays) {
    long[] words = new long[Tacet.TACET_ARRAY_WORDS * arrays.size()];
    int at = 0;
    for (DeviceArray array : arrays) {
      words[at++] = array.address();
      words[at++] = array.length();
    }
    return words;
  }

  @Override
  public void zero(List<DeviceArray> arrays) {
    Calls.check(Tacet.tacet_zero(library.context(), words(arrays), arrays.size(), stream));
  }

  @Override
  public void scale(DeviceArray array, double factor) {
    Calls.check(
        Tacet.tacet_scale(
            library.context(), array.address(), array.length(), (float) factor, stream));
  }
}
