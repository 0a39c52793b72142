package io.tacet.cuda.internal;

import io.tacet.memory.DeviceArray;

/**
 * Products of dense float32 matrices, row-major, issued on one stream of one device. Not
 * thread-safe.
 */
interface Gemm extends AutoCloseable {

  /**
   * C = op(A) op(B) + beta C with op(A) m x k and op(B) k x n.
   *
   * @param replicas number of products, of matrices one after the other
   * @param transposeA whether A is stored k x m
   * @param transposeB whether B is stored n x k
   * @param beta 0 or 1; with 0 C is not read
   */
  void multiply(
      int replicas,
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      DeviceArray a,
      DeviceArray b,
      double beta,
      DeviceArray c);

  /** The implementation: library, version and file. */
  String description();

  /** Releases its resources once its products are done. */
  @Override
  void close();
}
