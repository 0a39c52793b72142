package io.tacet.spi;

import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;

/**
 * Kernels of {@code io.tacet.dense}: what surrounds a recurrent layer. Arrays are row-major. With
 * {@code replicas} every array is as many arrays, one after the other, with each of which the same
 * is done.
 */
public interface DenseKernels {

  /**
   * C = op(A) op(B) + beta C with op(A) m x k and op(B) k x n, of each replica.
   *
   * @param transposeA whether A is stored k x m
   * @param transposeB whether B is stored n x k
   * @param beta 0 or 1; with 0 what C held is not read
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

  /** Adds {@code row} [columns] to every row of {@code matrix} [rows][columns]. */
  void addToRows(int replicas, DeviceArray matrix, DeviceArray row);

  /** Multiplies row i of {@code matrix} [rows][columns] by factors[i]; 0 gives 0, also of NaN. */
  void scaleRows(DeviceArray matrix, DeviceArray factors);

  /** Adds the sum of all rows of {@code matrix} [rows][columns] to {@code sums} [columns]. */
  void addColumnSums(int replicas, DeviceArray matrix, DeviceArray sums);

  /** out[i] = table[rows[i]]; rows are INT32 in range, out [rows][columns]. */
  void gatherRows(int replicas, DeviceArray table, DeviceArray rows, DeviceArray out);

  /** table[rows[i]] += errors[i], in the order of i for each row of the table. */
  void scatterAddRows(int replicas, DeviceArray errors, DeviceArray rows, DeviceArray table);

  /**
   * Softmax cross-entropy of every row of logits [rows][classes] against INT32 labels [rows]; a
   * label below 0 is not counted.
   *
   * @param scale factor of the errors
   * @param losses [rows]: -log softmax, 0 where not counted
   * @param predicted INT32 [rows], the class with the largest logit, or null
   * @param errors scale (softmax - one-hot), may be the logits themselves, or null
   */
  void softmaxCrossEntropy(
      DeviceArray logits,
      DeviceArray labels,
      double scale,
      DeviceArray losses,
      DeviceArray predicted,
      DeviceArray errors);

  /**
   * target[i] = source[i] m(i) / (1-p) with m(i) = 0 with probability p. Element i belongs to cell
   * {@code e = (i / group) % period}, and all of a cell share one draw: m is 0 if {@code (w >>> 8)
   * 2^-24 < p} for word {@code e % 4} of the Philox block with counter {@code (low word of e/4,
   * high word of e/4, 0, 3)} and the seed as its key.
   *
   * @param target may be the source
   */
  void dropout(
      DeviceArray source, double p, long seed, long group, long period, DeviceArray target);

  /** Values of every element under the activation; the target may be the source. */
  void activate(DeviceArray source, Activation activation, DeviceArray target);

  /** Multiplies every error by the slope of the activation where it has that value. */
  void activateBackward(DeviceArray values, DeviceArray errors, Activation activation);

  /**
   * Keeps the {@code winners} largest of each row of values [rows][units], of equal ones the first,
   * and makes the others 0; -0 equals 0, and NaN is larger than everything.
   *
   * @param kept [rows][units], may be the values
   * @param marks INT32 [rows][words], bit i % 32 of word i / 32 for a unit i that has won; or null
   */
  void keepWinners(DeviceArray values, int winners, DeviceArray kept, DeviceArray marks);

  /** Makes errors [rows][units] without a mark 0. */
  void dropLosers(DeviceArray marks, DeviceArray errors);

  /**
   * relu(x - g mean_j relu(x_j)) for each row x of values [rows][units].
   *
   * @param gain g [1]
   * @param controlled [rows][units], may be the values
   */
  void controlGain(DeviceArray values, DeviceArray gain, DeviceArray controlled);

  /**
   * Adjoint of {@link #controlGain}.
   *
   * @param errors dL/dcontrolled, replaced by dL/dvalue
   * @param gainGradient [1], to which dL/dg is added; or null
   */
  void controlGainBackward(
      DeviceArray values, DeviceArray gain, DeviceArray errors, DeviceArray gainGradient);
}
