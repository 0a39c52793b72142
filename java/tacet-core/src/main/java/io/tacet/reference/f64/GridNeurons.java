package io.tacet.reference.f64;

/** The neurons of a layer on a grid: their states, and what a step does to them. */
interface GridNeurons {
  /** Sets all states to those of step 0. */
  void begin(GridLayer grid);

  /** Advances all neurons to a step; writes those that spike there and returns how many. */
  int advance(int step, Tape tape, int[] fired);

  /** What weights are added to, by neuron. */
  double[] current();

  /** What weights below 0 are added to instead; or null. */
  double[] inhibition();

  /** Prepares {@link #keep} for the steps of a simulation. */
  void reservePath();

  /** Keeps the states after a step and its arrivals, for a backward pass. */
  void keep(int step);

  boolean areFinite();
}
