package io.tacet.neuron;

/**
 * A parameter of a {@link HybridNeuron}.
 *
 * @param name as files and errors have it
 * @param usual value unless said otherwise
 * @param low least value that training leaves it
 * @param high largest value that training leaves it
 * @param rateScale learning rate relative to that of weights: 10 for times in ms, which are of the
 *     order of 10 where weights are of the order of 1
 */
public record NeuronParameter(
    String name, double usual, double low, double high, double rateScale) {
  private static final double SHORTEST_TAU = 0.5;

  public NeuronParameter {
    if (!(usual >= low && usual <= high)) {
      throw new IllegalArgumentException(
          name + ": expected a usual value from " + low + " to " + high + ", got " + usual + ".");
    }
  }

  /** A time constant in ms, positive; training leaves it 0.5 at least. */
  public static NeuronParameter tau(String name, double usual) {
    return new NeuronParameter(name, usual, SHORTEST_TAU, Double.POSITIVE_INFINITY, 10);
  }

  /** Any number. */
  public static NeuronParameter free(String name, double usual) {
    return new NeuronParameter(name, usual, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 1);
  }

  /** A number that training leaves {@code low} at least. */
  public static NeuronParameter from(String name, double usual, double low, double rateScale) {
    return new NeuronParameter(name, usual, low, Double.POSITIVE_INFINITY, rateScale);
  }
}
