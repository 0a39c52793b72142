package io.tacet.network;

import java.util.List;

/**
 * Multiplications of one step of one sample, forward: all of them, and those that are left when
 * silent units cost nothing.
 *
 * @param dense of products over all units
 * @param event of products over units with an event, at the given activities
 */
public record MultiplyAdds(double dense, double event) {
  /** None. */
  public static final MultiplyAdds NONE = new MultiplyAdds(0, 0);

  /** The sum of both. */
  public MultiplyAdds plus(MultiplyAdds other) {
    return new MultiplyAdds(dense + other.dense, event + other.event);
  }

  /**
   * Counts for a network.
   *
   * @param activities events per unit and step of each layer that has events
   */
  static MultiplyAdds of(NetworkSpec spec, List<Double> activities) {
    long counted = spec.layers().stream().filter(LayerSpec::hasEvents).count();
    if (activities.size() != counted) {
      throw new IllegalArgumentException(
          "activities: expected one for each of " + counted + " layers, got " + activities + ".");
    }
    MultiplyAdds sum = NONE;
    double below = 1;
    int next = 0;
    for (int k = 0; k < spec.layers().size(); k++) {
      LayerSpec layer = spec.layers().get(k);
      double own = layer.hasEvents() ? activities.get(next++) : 1;
      sum = sum.plus(layer.multiplyAdds(spec.below(k), below, own));
      below = own;
    }
    return sum;
  }
}
