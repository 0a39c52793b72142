package io.tacet.recurrent;

/**
 * Probabilities of dropout in training, as in AWD-LSTM (Merity et al. 2018); each in [0, 1), 0 is
 * off. A sequence keeps its mask over all its steps.
 *
 * @param word whole rows of the table of embeddings
 * @param input elements of what enters the first layer; not for tokens without embedding
 * @param forward elements that pass from layer to layer
 * @param output elements that are read out
 * @param connect recurrent weights
 */
public record Dropouts(double word, double input, double forward, double output, double connect) {
  /** No dropout. */
  public static final Dropouts OFF = new Dropouts(0, 0, 0, 0, 0);

  public Dropouts {
    for (double p : new double[] {word, input, forward, output, connect}) {
      if (!(p >= 0 && p < 1)) {
        throw new IllegalArgumentException("dropout: expected [0, 1), got " + p + ".");
      }
    }
  }
}
