package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What the neurons of a {@link LifLayer} have beyond LIF neurons; each variant has a closed form
 * between events.
 *
 * <pre>tau_m dV/dt = -V + I + J - w + b     (without -V where not leaky)
 * tau_s dI/dt = -I,   tau_j dJ/dt = -J,   tau_w dw/dt = -w,   tau_a da/dt = -a
 * a spike happens when V reaches threshold + a from below; then
 * V = reset, or V - threshold where {@link LifParameters#reset} is null;
 * w += adaptationJump,   a += thresholdJump,   and V stands still for {@code refractory}</pre>
 *
 * <p>With alpha synapses {@code tau_s dI/dt = S - I, tau_s dS/dt = -S}, and J likewise; spikes
 * arrive at S, so that one of weight w at 0 has the current {@code w (t / tau_s) e^(-t / tau_s)}.
 *
 * <p>The gradients are those of EventProp for a hybrid system (Wunderlich and Pehle 2021, appendix;
 * docs/hybrid-neurons.md). Each array has one element, shared by all neurons, or one per neuron;
 * null where the neurons lack what it describes. Owns its arrays.
 *
 * @param leaky false for {@code tau_m dV/dt = I + ...}
 * @param alphaSynapses whether synaptic currents rise before they decay, with the time constant
 *     that they decay with
 * @param refractory absolute refractory period in ms, positive: input during it decays in I as
 *     usual; or null
 * @param tauInhibitory time constant in ms of the current J, which synapses with weights below 0
 *     drive instead of I; or null, where they drive I
 * @param tauThreshold time constant in ms of the adaptive threshold; or null, as the next
 * @param thresholdJump what a spike raises the threshold by, not negative
 * @param tauAdaptation time constant in ms of the adaptation current; or null, as the next
 * @param adaptationJump what a spike raises the adaptation current by
 */
public record LifVariant(
    boolean leaky,
    boolean alphaSynapses,
    DeviceArray refractory,
    DeviceArray tauInhibitory,
    DeviceArray tauThreshold,
    DeviceArray thresholdJump,
    DeviceArray tauAdaptation,
    DeviceArray adaptationJump)
    implements AutoCloseable {

  static final List<String> NAMES =
      List.of(
          "refractory",
          "tauInhibitory",
          "tauThreshold",
          "thresholdJump",
          "tauAdaptation",
          "adaptationJump");

  /** In {@link #NAMES}, the one that may be negative. */
  private static final int ADAPTATION_JUMP = 5;

  /** In {@link #NAMES}, the one that may be 0. */
  private static final int THRESHOLD_JUMP = 3;

  /**
   * Checks that what belongs together is there.
   *
   * @throws IllegalArgumentException if one of a time constant and its jump is null and the other
   *     is not
   */
  public LifVariant {
    together("tauThreshold", tauThreshold, "thresholdJump", thresholdJump);
    together("tauAdaptation", tauAdaptation, "adaptationJump", adaptationJump);
  }

  private static void together(String tau, DeviceArray a, String jump, DeviceArray b) {
    if ((a == null) != (b == null)) {
      throw new IllegalArgumentException(
          (a == null ? tau : jump)
              + ": expected an array, since there is one of "
              + (a == null ? jump : tau)
              + ", got null.");
    }
  }

  /** The six arrays in declaration order, null where there is none. */
  public List<DeviceArray> parameters() {
    return Arrays.asList(
        refractory, tauInhibitory, tauThreshold, thresholdJump, tauAdaptation, adaptationJump);
  }

  /** The arrays that are not null. */
  public List<DeviceArray> arrays() {
    return parameters().stream().filter(Objects::nonNull).toList();
  }

  /** Checks the arrays, not their values, as {@link LifParameters#check}. */
  void check(int neurons) {
    for (int i = 0; i < NAMES.size(); i++) {
      if (parameters().get(i) != null) {
        LifParameters.check(NAMES.get(i), parameters().get(i), neurons);
      }
    }
  }

  /**
   * Checks the values, as a pass does too; reads them, which waits for the device.
   *
   * @throws IllegalArgumentException if those of a neuron are invalid, naming it
   */
  public void checkValues(int neurons) {
    for (int i = 0; i < NAMES.size(); i++) {
      DeviceArray array = parameters().get(i);
      double[] values = array == null ? new double[0] : array.toDoubles();
      for (int n = 0; n < values.length; n++) {
        if (!isValid(i, values[n])) {
          throw new IllegalArgumentException(
              NAMES.get(i)
                  + ": expected a "
                  + range(i)
                  + " number"
                  + (values.length == neurons ? " for neuron " + n : "")
                  + ", got "
                  + values[n]
                  + ".");
        }
      }
    }
  }

  private static boolean isValid(int i, double value) {
    boolean inRange = i == ADAPTATION_JUMP || value > 0 || (i == THRESHOLD_JUMP && value == 0);
    return inRange && Double.isFinite(value);
  }

  private static String range(int i) {
    return switch (i) {
      case ADAPTATION_JUMP -> "finite";
      case THRESHOLD_JUMP -> "finite, not negative";
      default -> "finite, positive";
    };
  }

  @Override
  public void close() {
    arrays().forEach(DeviceArray::close);
  }
}
