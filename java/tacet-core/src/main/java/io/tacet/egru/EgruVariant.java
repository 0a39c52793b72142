package io.tacet.egru;

/** The equations of a layer. */
public enum EgruVariant {
  /**
   * The discrete form behind the published results, a GRU with its reset gate after the recurrent
   * product: {@code q = y R_g + b_g, g = tanh(a_g + r q), c = z h + (1-z) g}, an event where {@code
   * c > theta} carries {@code y = c}, and the state keeps {@code h = c - theta} after it.
   */
  CELL_RESET_AFTER,
  /**
   * The equations as printed in the paper: the reset gate acts before the product, {@code g =
   * tanh(a_g + (r y) R_g), c = u g + (1-u) c' - y'}, so that the full event value is subtracted one
   * step later. One bias: the recurrent one is not used.
   */
  PAPER
}
