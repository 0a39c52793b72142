package io.tacet.egru;

/** How the recurrent product of each step is computed. All give the same result up to rounding. */
public enum EgruEngine {
  /**
   * Chosen by shape and by the activity, where the inputs say it. On the native backends PERSISTENT
   * for up to 32 samples and from 4 steps on, where it fits; else DENSE where events are switched
   * off; else EVENT where its rows are less to read than all of them for a tile of samples, which
   * without a known activity is taken to be so for up to 8 samples; else DENSE. On the java backend
   * a row costs both the same, so there it is EVENT, or DENSE where events are switched off.
   */
  AUTO,
  /**
   * Adds the rows of active units only: work is proportional to the activity. On the native
   * backends layers of at least 1024 units and up to 8 samples have one launch for all steps.
   */
  EVENT,
  /** A tiled product over all units: work does not depend on the activity. */
  DENSE,
  /**
   * One launch for thousands of steps in either direction: the weights stay on chip and the steps
   * are separated by a barrier. A kernel of the native backends, which fall back to AUTO if the
   * weights do not fit; the java backend uses DENSE instead.
   */
  PERSISTENT
}
