package io.tacet.systems.dentate;

/** Synapses from one population to another, in the order in which the authors draw them. */
public enum Pathway {
  INPUT_OUTPUT(Cells.INPUT, Cells.OUTPUT, true),
  FEEDFORWARD_OUTPUT(Cells.FEEDFORWARD, Cells.OUTPUT, false),
  FEEDBACK_OUTPUT(Cells.FEEDBACK, Cells.OUTPUT, false),
  MOSSY_OUTPUT(Cells.MOSSY, Cells.OUTPUT, true),
  INPUT_FEEDFORWARD(Cells.INPUT, Cells.FEEDFORWARD, false),
  OUTPUT_MOSSY(Cells.OUTPUT, Cells.MOSSY, true),
  MOSSY_MOSSY(Cells.MOSSY, Cells.MOSSY, true),
  OUTPUT_FEEDBACK(Cells.OUTPUT, Cells.FEEDBACK, false),
  MOSSY_FEEDBACK(Cells.MOSSY, Cells.FEEDBACK, false);

  private final Cells from;
  private final Cells to;
  private final boolean logNormal;

  Pathway(Cells from, Cells to, boolean logNormal) {
    this.from = from;
    this.to = to;
    this.logNormal = logNormal;
  }

  /** Presynaptic cells. */
  public Cells from() {
    return from;
  }

  /** Postsynaptic cells. */
  public Cells to() {
    return to;
  }

  /** Whether weights are drawn from a log-normal distribution, otherwise from a uniform one. */
  public boolean logNormal() {
    return logNormal;
  }
}
