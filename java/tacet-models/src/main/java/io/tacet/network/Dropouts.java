package io.tacet.network;

import io.tacet.network.cells.EmbeddingCell;

/**
 * Probabilities of dropout in training, as in AWD-LSTM (Merity et al. 2018); each in [0, 1), 0 is
 * off. A sequence keeps its mask over all its steps.
 *
 * @param word rows of what tokens select: of the table of embeddings, or of the first layer's input
 *     weights where there is none. For tokens only
 * @param input elements of what enters the first layer: embeddings, or dense inputs. Not for tokens
 *     without embedding, of which nothing enters
 * @param forward elements that pass from layer to layer; nothing where there is one layer
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

  /**
   * Refuses dropout of what a network does not have.
   *
   * @throws IllegalArgumentException for words of dense inputs and inputs of tokens without
   *     embedding
   */
  public void check(NetworkSpec spec) {
    boolean tokens = spec.input().flow().kind() == Flow.Kind.TOKENS;
    if (word > 0 && !tokens) {
      throw new IllegalArgumentException(
          "dropouts.word (--drop-word): expected 0 for dense inputs, which have no words, got "
              + word
              + ". Use dropouts.input (--drop-input).");
    }
    if (input > 0 && tokens && !(spec.layers().get(0) instanceof EmbeddingCell.Spec)) {
      throw new IllegalArgumentException(
          "dropouts.input (--drop-input): expected 0 for tokens without embedding, got "
              + input
              + ". Use dropouts.word (--drop-word), or a table of embeddings (--embedding).");
    }
  }
}
