package io.tacet.dense;

/** Functions of single numbers between layers; the slope of each follows from its value. */
public enum Activation {
  /** x; slope 1. */
  IDENTITY,
  /** tanh x; slope 1 - y^2 for the value y. */
  TANH,
  /** x above 0, else 0; slope 1 above 0, else 0. */
  RELU,
  /** 1 / (1 + exp(-x)); slope y (1 - y) for the value y. */
  SIGMOID
}
