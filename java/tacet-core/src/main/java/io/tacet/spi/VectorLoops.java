package io.tacet.spi;

/**
 * Loops of the java backend in single precision that HotSpot does not turn into vector instructions
 * by itself. Results are those of the plain loops, bit for bit. Thread-safe.
 */
public interface VectorLoops {

  /**
   * Adds synapses that have a weight for each of three gates to the sums of their targets: sums[4
   * target[k] + gate] += x weights[3 k + gate] for k in [begin, end), in this order. The fourth
   * place of a target is left as it is.
   *
   * @param weights float[], [places][3]
   * @param narrow targets of the places in 16 bits, without a sign, or null
   * @param wide targets of the places where narrow is null
   * @param sums float[], [targets][4]
   */
  void addGates(
      Object weights, short[] narrow, int[] wide, int begin, int end, double x, Object sums);
}
