package io.tacet.network;

/**
 * Input or output of a layer, known when a network is built.
 *
 * @param kind of the signal
 * @param columns channels, units or classes; for tokens the size of the vocabulary
 */
public record Flow(Kind kind, int columns) {
  /** Kinds of signals. */
  public enum Kind {
    /** Event times. */
    SPIKES("event times (.spikes(n) or .lif(...))"),
    /** A vector at every step. */
    STEPS(
        "steps (.sequence(n), .bin(steps), .embedding(d), .egru(...), .gru(...), .rnn(...) or"
            + " .dense(...))"),
    /** One token at every step. */
    TOKENS("tokens (.tokens(n))"),
    /** Values that a loss is computed from. */
    VALUES("values (a read-out)");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /**
   * Refuses a signal that a layer does not take.
   *
   * @param layer what the user called
   */
  public void require(String layer, Kind... taken) {
    for (Kind one : taken) {
      if (kind == one) {
        return;
      }
    }
    StringBuilder expected = new StringBuilder();
    for (Kind one : taken) {
      expected.append(expected.isEmpty() ? "" : " or ").append(one.words);
    }
    throw new IllegalArgumentException(
        layer + ": expected " + expected + " below it, got " + kind.words + ".");
  }
}
