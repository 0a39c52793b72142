package io.tacet.rnn;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.spi.RnnKernels;
import java.util.Objects;

/**
 * A plain recurrent layer (Elman 1990) over whole sequences:
 *
 * <pre>
 * h_t = act(a_t + h_{t-1} R + b)
 * </pre>
 *
 * with currents a_t, the products of inputs and their weights; see {@link
 * io.tacet.dense.Dense#multiply}. The gradients are exact: those of back-propagation through time.
 * Arrays are [steps][batch][units], of the type and on the backend of the parameters: FLOAT32 or
 * FLOAT64 on the java backend, FLOAT32 on the others. Results do not depend on the number of
 * threads.
 *
 * <p>Replicas, layers of one shape in one {@link RnnLayer}, are computed with the launches of one.
 * All arrays then have a leading axis for them, and each replica is bit for bit what it is alone.
 */
public final class Rnn {
  private Rnn() {}

  /**
   * Runs all steps.
   *
   * @param currents a, [steps][batch][units]
   * @param first h before the first step, [batch][units]; null for zeros
   * @param values h of every step, [steps][batch][units]; may be the array of the currents
   * @param last h after the last step, [batch][units], another array than {@code first}; null if
   *     not wanted
   * @throws IllegalArgumentException if an array has the wrong shape, type or backend
   */
  public static void forward(
      RnnLayer layer,
      DeviceArray currents,
      DeviceArray first,
      DeviceArray values,
      DeviceArray last) {
    long state = checkSequence("currents", layer, currents);
    Expect.likeOrNull("first", first, layer.recurrent(), state);
    Expect.like("values", values, layer.recurrent(), currents.length());
    Expect.likeOrNull("last", last, layer.recurrent(), state);
    apart("last", last, "first", first);
    apart("values", values, "first", first);
    apart("values", values, "last", last);
    kernels(layer).forward(layer, currents, first, values, last);
  }

  /**
   * The adjoint of {@link #forward}.
   *
   * @param values those of the forward pass, [steps][batch][units]
   * @param first that of the forward pass; null for zeros
   * @param errors dL/dh of every step, without what follows from later steps; not changed unless
   *     gradients are written to it
   * @throws IllegalArgumentException if an array has the wrong shape, type or backend
   */
  public static void backward(
      RnnLayer layer,
      DeviceArray values,
      DeviceArray first,
      DeviceArray errors,
      RnnGradients gradients) {
    long biases = layer.bias().length();
    long state = checkSequence("values", layer, values);
    DeviceArray like = layer.recurrent();
    Expect.likeOrNull("first", first, like, state);
    Expect.like("errors", errors, like, values.length());
    Expect.like("gradients.currents", gradients.currents(), like, values.length());
    Expect.likeOrNull("gradients.recurrent", gradients.recurrent(), like, like.length());
    Expect.likeOrNull("gradients.bias", gradients.bias(), like, biases);
    Expect.likeOrNull("gradients.first", gradients.first(), like, state);
    apart("gradients.currents", gradients.currents(), "values", values);
    apart("gradients.first", gradients.first(), "first", first);
    kernels(layer).backward(layer, values, first, errors, gradients);
  }

  private static RnnKernels kernels(RnnLayer layer) {
    return layer.backend().kernels().rnn();
  }

  /** Number of elements of a step, of all replicas. */
  private static long checkSequence(String name, RnnLayer layer, DeviceArray array) {
    Objects.requireNonNull(array, name);
    long[] shape = array.shape();
    int axis = layer.recurrent().shape().length == 3 ? 1 : 0;
    int replicas = layer.replicas();
    if (shape.length != 3 + axis
        || shape[2 + axis] != layer.units()
        || (axis > 0 && shape[0] != replicas)) {
      throw new IllegalArgumentException(
          name
              + ": expected "
              + (axis > 0 ? "[" + replicas + "]" : "")
              + "[steps][batch]["
              + layer.units()
              + "], got "
              + array
              + ".");
    }
    Expect.like(name, array, layer.recurrent(), array.length());
    if (replicas * shape[axis] * shape[1 + axis] > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          name + ": expected at most 2147483647 replicas x steps x batch, got " + array + ".");
    }
    return replicas * shape[1 + axis] * shape[2 + axis];
  }

  private static void apart(String name, DeviceArray one, String otherName, DeviceArray other) {
    if (one != null && one == other) {
      throw new IllegalArgumentException(
          name + ": expected another array than " + otherName + ", got the same.");
    }
  }
}
