package io.tacet.neuron;

import java.util.List;

/**
 * A neuron as a hybrid dynamical system: n state variables x that follow {@code dx/dt = f(x; p)}
 * until a condition {@code g(x; p)}, negative between events, reaches 0 from below; then the state
 * becomes {@code h(x; p)} and the neuron is in the mode that the transition names. Most neurons
 * have one mode, whose event is a spike; a refractory period is a second mode, whose event is its
 * end.
 *
 * <p>A spike that arrives adds the weight of its synapse to the variable {@link #receptor} names,
 * for instance the synaptic current.
 *
 * <p>Beside f, g, h and the initial state there are their derivatives, as products with a vector
 * from the left: that is all an adjoint needs. {@link Derivatives#check} compares them with finite
 * differences. Times are in ms.
 *
 * <p>Implementations hold no state, and are used by several threads at once.
 */
public interface HybridNeuron {

  /** Its name in files; {@link Neurons#dynamics} finds it by that. */
  String name();

  /**
   * Names of the state variables, n of them, the membrane potential first: its mean is what a
   * regulariser of potentials sees.
   */
  List<String> variables();

  /** Parameters p, of each neuron. */
  List<NeuronParameter> parameters();

  /** Number of modes; a neuron starts in mode 0. */
  default int modes() {
    return 1;
  }

  /** Whether the event that ends a mode is a spike. */
  default boolean spikes(int mode) {
    return mode == 0;
  }

  /**
   * The variable that a spike of this weight adds the weight to. The condition of any mode must not
   * depend on it, so that no event happens at an arrival.
   */
  int receptor(double weight);

  /**
   * What is wrong with parameters, as a sentence; null for nothing. Conditions and transitions may
   * rely on what it checks.
   */
  default String problem(double[] p) {
    return null;
  }

  /** Writes the initial state. */
  void start(double[] p, double[] x);

  /** Adds {@code lambda^T dx/dp} of the initial state to {@code dp}. */
  void startAdjoint(double[] p, double[] lambda, double[] dp);

  /** Writes dx/dt. */
  void field(int mode, double[] x, double[] p, double[] slope);

  /** Adds {@code lambda^T df/dx} to {@code dx} and {@code lambda^T df/dp} to {@code dp}. */
  void fieldAdjoint(int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp);

  /** g: negative between events, 0 at the event that ends the mode. */
  double condition(int mode, double[] x, double[] p);

  /** Adds {@code factor dg/dx} to {@code dx} and {@code factor dg/dp} to {@code dp}. */
  void conditionAdjoint(int mode, double[] x, double[] p, double factor, double[] dx, double[] dp);

  /**
   * Writes the state after the event that ends a mode, where the condition of the next mode is
   * negative.
   *
   * @param after another array than {@code x}
   * @return the next mode
   */
  int transition(int mode, double[] x, double[] p, double[] after);

  /** Adds {@code lambda^T dh/dx} to {@code dx} and {@code lambda^T dh/dp} to {@code dp}. */
  void transitionAdjoint(
      int mode, double[] x, double[] p, double[] lambda, double[] dx, double[] dp);

  /**
   * What a push on the spikes of a neuron by a regulariser of rates, which is a heuristic, is
   * multiplied by to become one on dL/dx of the first variable: tau_m, where there is one.
   */
  default double pushScale(double[] p) {
    return 1;
  }
}
