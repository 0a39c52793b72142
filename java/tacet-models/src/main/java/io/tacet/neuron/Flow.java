package io.tacet.neuron;

/**
 * The solution of a neuron's equations between events. One for each worker; it has scratch memory.
 */
interface Flow {

  /** Takes the parameters of a neuron, and the distance to its condition at the start. */
  void set(double[] parameters);

  /**
   * Moves the state ahead until the condition of the mode is met, or by {@code span}.
   *
   * @param x replaced by the state then, just before the transition
   * @param span in ms, at least 0
   * @return how far it went; below or at {@code span}
   */
  double advance(int mode, double[] x, double span);

  /** Whether the last {@link #advance} ended because the condition was met. */
  boolean met();

  /** Near misses since the beginning of the sample; see {@code Spikes.grazes}. */
  int grazes();

  /** Begins a sample. */
  void begin();

  /**
   * Takes the adjoint back over a span without events.
   *
   * @param x state at its beginning
   * @param lambda dL/dx at its end; replaced by that at its beginning
   * @param dp dL/dp is added here; null where it is not wanted
   */
  void retreat(int mode, double[] x, double span, double[] lambda, double[] dp);

  /** For a neuron: in closed form where it has one and the tolerance is 0. */
  static Flow of(HybridNeuron neuron, double tolerance) {
    if (tolerance > 0) {
      return new RungeKutta(neuron, tolerance);
    }
    return new ClosedForm((IntegrateAndFire) neuron);
  }
}
