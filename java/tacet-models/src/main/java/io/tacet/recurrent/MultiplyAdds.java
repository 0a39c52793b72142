package io.tacet.recurrent;

import java.util.List;

/**
 * Multiplications of one step of one sample, forward: all of them, and those that are left when
 * silent units cost nothing.
 *
 * @param dense of products over all units
 * @param event of products over units with an event, at the given activities
 */
public record MultiplyAdds(double dense, double event) {
  /**
   * Counts for a network.
   *
   * @param activities events per unit and step of each layer
   */
  public static MultiplyAdds of(RecurrentSpec spec, List<Double> activities) {
    if (activities.size() != spec.layers()) {
      throw new IllegalArgumentException(
          "activities: expected one for each of "
              + spec.layers()
              + " layers, got "
              + activities
              + ".");
    }
    double dense = 0;
    double event = 0;
    for (int k = 0; k < spec.layers(); k++) {
      double gates = 3.0 * spec.outputsOf(k);
      boolean chosenByToken = k == 0 && spec.tokens() && spec.embedding() == 0;
      double inputs = chosenByToken ? 0 : spec.inputsOf(k) * gates;
      double recurrent = spec.units().get(k) * gates;
      dense += inputs + recurrent;
      double below = k == 0 ? 1 : activities.get(k - 1);
      event += below * inputs + activities.get(k) * recurrent;
    }
    if (spec.everyStep()) {
      double readout = (double) spec.top() * spec.outputs();
      dense += readout;
      event += activities.get(spec.layers() - 1) * readout;
    }
    return new MultiplyAdds(dense, event);
  }
}
