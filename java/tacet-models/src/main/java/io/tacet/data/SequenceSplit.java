package io.tacet.data;

/**
 * Sequences to train on and, if there are any, to test on, which agree in steps, channels and
 * classes.
 *
 * @param train the training set
 * @param test the test set; null: there is none
 */
public record SequenceSplit(SequenceData train, SequenceData test) {
  /** Whether there is a test set. */
  public boolean hasTest() {
    return test != null;
  }
}
