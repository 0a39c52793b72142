package io.tacet.recurrent;

/**
 * Multiplications of one step of one sample, forward: all of them, and those that are left when
 * silent units cost nothing.
 *
 * @param dense of products over all units
 * @param event of products over units with an event, at the given mean activity
 */
public record MultiplyAdds(double dense, double event) {
  /**
   * Counts for a network.
   *
   * @param activity events per unit and step, taken for all layers alike
   */
  public static MultiplyAdds of(RecurrentSpec spec, double activity) {
    double dense = 0;
    double event = 0;
    for (int k = 0; k < spec.layers(); k++) {
      double gates = 3.0 * spec.outputsOf(k);
      boolean chosenByToken = k == 0 && spec.tokens() && spec.embedding() == 0;
      double inputs = chosenByToken ? 0 : spec.inputsOf(k) * gates;
      double recurrent = spec.units().get(k) * gates;
      dense += inputs + recurrent;
      event += (k == 0 ? 1 : activity) * inputs + activity * recurrent;
    }
    if (spec.everyStep()) {
      double readout = (double) spec.top() * spec.outputs();
      dense += readout;
      event += activity * readout;
    }
    return new MultiplyAdds(dense, event);
  }
}
