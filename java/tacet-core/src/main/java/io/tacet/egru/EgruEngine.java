package io.tacet.egru;

/** How the recurrent product of each step is computed. All give the same result up to rounding. */
public enum EgruEngine {
  /**
   * Chosen by shape: on the native backends PERSISTENT for up to 32 samples and from 4 steps on,
   * where it fits, then EVENT for up to 8 samples, else DENSE; on the java backend EVENT, or DENSE
   * where events are switched off.
   */
  AUTO,
  /** Adds the rows of active units only: work falls with the activity. */
  EVENT,
  /** A tiled product over all units: work does not depend on the activity. */
  DENSE,
  /**
   * One launch for the whole sequence in either direction: the weights stay on chip and the steps
   * are separated by a barrier. A kernel of the native backends, which take what AUTO would where
   * the weights do not fit; the java backend takes DENSE for it.
   */
  PERSISTENT
}
