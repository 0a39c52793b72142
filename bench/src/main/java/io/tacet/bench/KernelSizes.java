package io.tacet.bench;

/**
 * Sizes of {@link DeviceKernels}: those of a GPU divided by a factor, so that the same shapes can
 * be tried where kernels are executed on the host.
 *
 * @param divisor 1 on a GPU
 */
record KernelSizes(int divisor) {
  private static final int WORD = 32;

  KernelSizes {
    if (divisor < 1) {
      throw new IllegalArgumentException(
          "--shrink: expected a whole number of at least 1, got " + divisor + ".");
    }
  }

  boolean whole() {
    return divisor == 1;
  }

  /** Units of a layer, a multiple of 32. */
  int units(int full) {
    return whole() ? full : Math.max(WORD, full / divisor / WORD * WORD);
  }

  /** Synapses of a unit, at most half of the units. */
  int fanOut(int full, int units) {
    return whole() ? full : Math.min(full, units / 2);
  }

  /** Samples. */
  int batch(int full) {
    return whole() ? full : Math.max(1, Math.min(full, 2 + full / divisor));
  }

  /** Steps of a sequence. */
  int steps(int full) {
    return whole() ? full : Math.max(4, full / divisor);
  }

  /** Elements of an array. */
  int elements(int full) {
    return whole() ? full : Math.max(1024, full / divisor / divisor);
  }
}
