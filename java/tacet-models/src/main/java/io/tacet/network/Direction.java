package io.tacet.network;

/** How a recurrent layer goes through a sequence. */
public enum Direction {
  /** From its first step to its last. */
  FORWARD,
  /** From its last step to its first. */
  BACKWARD,
  /**
   * Two halves with parameters of their own, one in each direction; what the second gives is beside
   * what the first gives.
   */
  BOTH
}
