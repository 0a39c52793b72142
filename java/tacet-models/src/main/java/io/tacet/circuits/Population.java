package io.tacet.circuits;

/**
 * Neighbouring neurons of one kind.
 *
 * @param name for people
 * @param first number of its first neuron
 * @param size number of neurons, at least 1
 */
public record Population(String name, int first, int size) {

  /** Number after that of its last neuron. */
  public int end() {
    return first + size;
  }
}
