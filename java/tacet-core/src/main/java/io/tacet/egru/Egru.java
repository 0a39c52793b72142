package io.tacet.egru;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.spi.EgruKernels;
import java.util.stream.Stream;

/**
 * The event-gated recurrent unit over sequences. The default variant, in row vectors with {@code a
 * = x W}:
 *
 * <pre>
 * p = y' R                                 y' the events of the step before: only their rows count
 * z = sigmoid(a_z + p_z + bx_z + br_z)     r = sigmoid(a_r + p_r + bx_r + br_r)
 * q = p_g + br_g                           g = tanh(a_g + bx_g + r q)
 * c = z h' + (1-z) g                       zoneout: c = h' where the mask is set
 * o = [c &gt; theta]     y = o c     h = c - o theta
 * </pre>
 *
 * <p>With a {@code clip} the arguments of sigmoid and tanh are cut to [-clip, clip] before.
 *
 * <p>The backward pass is the exact adjoint of this graph with {@code psi(s) = gamma max(0, 1 -
 * k|s|), s = c - theta} in place of the derivative of the step function.
 *
 * <p>A bidirectional layer is two layers over the same sequence, one of them backward in time, each
 * with its own parameters, currents, states and tape. Their events and traces are concatenated:
 *
 * <pre>{@code
 * // y [steps][batch][2 units], trace [batch][2 units]
 * EgruOutputs both = new EgruOutputs(y, trace, null, null);
 * Egru.forward(ahead, EgruInputs.of(currents), both, tape);
 * Egru.forward(back, EgruInputs.of(otherCurrents).backwardInTime(), both, otherTape);
 * }</pre>
 *
 * <p>Replicas, layers of one shape in one {@link EgruLayer}, are computed with the launches of one.
 * All arrays then have a leading axis for them, and each replica is bit for bit what it is alone
 * with the same engine. The persistent engine runs as many at once as the device has room for.
 */
public final class Egru {
  private Egru() {}

  /**
   * Runs all steps. Lengths are read to check them, which waits for the device.
   *
   * @param tape written for {@link #backward}; null for inference
   * @throws IllegalArgumentException if an array has the wrong shape, type or backend, if a length
   *     is invalid, or if there is a tape and the last state would overwrite the initial one
   * @throws ArithmeticException on the java backend if a state is not finite at the end, as after a
   *     NaN anywhere; on other backends such a unit sends NaN
   */
  public static void forward(
      EgruLayer layer, EgruInputs inputs, EgruOutputs outputs, EgruTape tape) {
    checkInputs(layer, inputs);
    if (inputs.lengths() != null) {
      Expect.range("inputs.lengths", inputs.lengths(), 0, inputs.steps(), "steps of a sample");
    }
    DeviceArray like = inputs.currents();
    long units = (long) inputs.replicas() * inputs.units();
    long states = inputs.batch() * units;
    checkRows("outputs.y", outputs.y(), like, states * inputs.steps());
    checkRows("outputs.trace", outputs.trace(), like, states);
    checkState("outputs.last", outputs.last(), like, states);
    if (outputs.counts() != null) {
      Expect.ints("outputs.counts", outputs.counts(), like, units);
    }
    if (tape != null) {
      tape.check(inputs);
      checkClip(layer, tape);
      checkApart(inputs.initial(), outputs.last());
    }
    kernels(layer).forward(layer, inputs, outputs, tape);
  }

  /**
   * The adjoint of {@link #forward}.
   *
   * @param inputs those of the forward pass; its currents are not read
   * @param tape written by the forward pass
   * @throws IllegalArgumentException if an array has the wrong shape, type or backend
   */
  public static void backward(
      EgruLayer layer,
      EgruInputs inputs,
      EgruTape tape,
      EgruErrors errors,
      EgruGradients gradients) {
    checkInputs(layer, inputs);
    tape.check(inputs);
    checkClip(layer, tape);
    DeviceArray like = inputs.currents();
    long units = (long) inputs.replicas() * inputs.units();
    long states = inputs.batch() * units;
    checkRows("errors.y", errors.y(), like, states * inputs.steps());
    checkRows("errors.trace", errors.trace(), like, states);
    checkState("errors.last", errors.last(), like, states);
    Expect.likeOrNull("errors.rate", errors.rate(), like, units);
    Expect.like("gradients.currents", gradients.currents(), like, like.length());
    Expect.likeOrNull(
        "gradients.recurrent", gradients.recurrent(), like, layer.recurrent().length());
    Expect.likeOrNull("gradients.inputBias", gradients.inputBias(), like, 3 * units);
    Expect.likeOrNull("gradients.recurrentBias", gradients.recurrentBias(), like, 3 * units);
    Expect.likeOrNull("gradients.thresholds", gradients.thresholds(), like, units);
    checkState("gradients.initial", gradients.initial(), like, states);
    kernels(layer).backward(layer, inputs, tape, errors, gradients);
  }

  /**
   * What the gradient of the recurrent weights is made of, weights of absent synapses included: for
   * each step and sample, what units sent into the step, and the errors of the recurrent products.
   * The latter replace those of the currents, from which they differ in the candidate's, since its
   * product is inside the reset gate. See {@link io.tacet.rewire.GradientFactors}.
   *
   * @param inputs those of the forward pass; its currents are not read
   * @param tape written by the forward pass
   * @param currents dL/da of {@link #backward}, [steps][batch][3 units]; changed
   * @param sent [steps][batch][units]; of {@link EgruVariant#PAPER}, where units send through the
   *     reset gate into the candidate, [steps][batch][3][units], gate by gate; written
   * @throws IllegalArgumentException if an array has the wrong shape, type or backend
   */
  public static void gradientFactors(
      EgruLayer layer, EgruInputs inputs, EgruTape tape, DeviceArray currents, DeviceArray sent) {
    checkInputs(layer, inputs);
    tape.check(inputs);
    DeviceArray like = inputs.currents();
    Expect.like("currents", currents, like, like.length());
    Expect.like("sent", sent, like, like.length() / 3 * partsSent(layer));
    kernels(layer).gradientFactors(layer, inputs, tape, currents, sent);
  }

  /** How many things a unit sends into a step: one, or one into each gate. */
  public static int partsSent(EgruLayer layer) {
    return layer.options().variant() == EgruVariant.PAPER ? 3 : 1;
  }

  /** The adjoint tells sums that were cut by their gates. */
  private static void checkClip(EgruLayer layer, EgruTape tape) {
    if (layer.options().clips() && tape.isCompact()) {
      throw new IllegalArgumentException(
          "tape: expected gates in the precision of the states for a layer with a clip, got"
              + " bfloat16, in which gates at the clip are no longer told from others. Use a full"
              + " tape, or one without the product.");
    }
  }

  private static EgruKernels kernels(EgruLayer layer) {
    return layer.backend().kernels().egru();
  }

  private static void checkInputs(EgruLayer layer, EgruInputs inputs) {
    DeviceArray like = layer.recurrent();
    long samples = checkReplicas(layer, inputs) * inputs.batch();
    Expect.like(
        "inputs.currents", inputs.currents(), like, 3L * inputs.steps() * samples * layer.units());
    if (inputs.lengths() != null) {
      Expect.ints("inputs.lengths", inputs.lengths(), like, samples);
    }
    checkState("inputs.initial", inputs.initial(), like, samples * layer.units());
    if (inputs.seeds() != null) {
      if (inputs.currents().shape().length != 4) {
        throw new IllegalArgumentException(
            "inputs.seeds: expected null, as the layer has no axis for replicas, got "
                + inputs.seeds()
                + ".");
      }
      Expect.ints("inputs.seeds", inputs.seeds(), like, 2L * layer.replicas());
    }
  }

  private static long checkReplicas(EgruLayer layer, EgruInputs inputs) {
    boolean ofLayer = layer.pattern() == null && layer.recurrent().shape().length == 3;
    boolean ofInputs = inputs.currents().shape().length == 4;
    if (ofLayer != ofInputs || layer.replicas() != inputs.replicas()) {
      throw new IllegalArgumentException(
          "inputs.currents: expected "
              + (ofLayer ? "[" + layer.replicas() + "]" : "")
              + "[steps][batch][3 units], as the layer has "
              + (ofLayer ? "an" : "no")
              + " axis for replicas, got "
              + inputs.currents()
              + ".");
    }
    long rows = (long) inputs.replicas() * inputs.steps() * inputs.batch();
    if (ofInputs && rows > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "inputs.currents: expected at most 2147483647 replicas x steps x batch, got "
              + inputs.currents()
              + ".");
    }
    return layer.replicas();
  }

  /** One direction, or two side by side. */
  private static void checkRows(String name, DeviceArray array, DeviceArray like, long length) {
    boolean both = array != null && array.length() == 2 * length;
    Expect.likeOrNull(name, array, like, both ? 2 * length : length);
  }

  /** The backward pass reads the initial state at its last step. */
  private static void checkApart(EgruState initial, EgruState last) {
    if (initial != null
        && last != null
        && Stream.of(last.y(), last.h())
            .anyMatch(a -> isOver(a, initial.y()) || isOver(a, initial.h()))) {
      throw new IllegalArgumentException(
          "outputs.last: expected other arrays than those of inputs.initial where there is a tape,"
              + " got the same.");
    }
  }

  private static boolean isOver(DeviceArray a, DeviceArray b) {
    long address = a.storage().address();
    Object heap = a.storage().heap();
    return (address != 0 && address == b.storage().address())
        || (heap != null && heap == b.storage().heap());
  }

  private static void checkState(String name, EgruState state, DeviceArray like, long length) {
    if (state != null) {
      Expect.like(name + ".y", state.y(), like, length);
      Expect.like(name + ".h", state.h(), like, length);
    }
  }
}
