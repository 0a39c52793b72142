package io.tacet.bench.nd4j;

import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** How many threads ND4J computes with. */
final class Threads {
  private Threads() {}

  /**
   * Sets the threads of products, by OpenBLAS, and of ND4J's own loops.
   *
   * @throws IllegalStateException if ND4J takes another number
   */
  static void set(int count) {
    Nd4j.factory().blas().setMaxThreads(count);
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(count);
    Nd4j.getEnvironment().setMaxMasterThreads(count);
    take("OpenBLAS", count, Nd4j.factory().blas().getMaxThreads());
    take("ND4J's loops", count, Nd4j.getEnvironment().maxMasterThreads());
  }

  private static void take(String what, int expected, int found) {
    if (found != expected) {
      throw new IllegalStateException(
          "threads of "
              + what
              + ": expected "
              + expected
              + ", got "
              + found
              + "; unset OMP_NUM_THREADS and OPENBLAS_NUM_THREADS where they are lower.");
    }
  }
}
