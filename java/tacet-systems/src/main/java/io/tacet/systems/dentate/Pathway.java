package io.tacet.systems.dentate;

/** Synapses from one population to another, in the order in which the authors draw them. */
public enum Pathway {
  INPUT_OUTPUT(0, Cells.INPUT, Cells.OUTPUT, true),
  FEEDFORWARD_OUTPUT(1, Cells.FEEDFORWARD, Cells.OUTPUT, false),
  FEEDBACK_OUTPUT(2, Cells.FEEDBACK, Cells.OUTPUT, false),
  MOSSY_OUTPUT(3, Cells.MOSSY, Cells.OUTPUT, true),
  INPUT_FEEDFORWARD(4, Cells.INPUT, Cells.FEEDFORWARD, false),
  OUTPUT_MOSSY(5, Cells.OUTPUT, Cells.MOSSY, true),
  MOSSY_MOSSY(6, Cells.MOSSY, Cells.MOSSY, true),
  OUTPUT_FEEDBACK(7, Cells.OUTPUT, Cells.FEEDBACK, false),
  MOSSY_FEEDBACK(8, Cells.MOSSY, Cells.FEEDBACK, false);

  private final int number;
  private final Cells from;
  private final Cells to;
  private final boolean logNormal;

  Pathway(int number, Cells from, Cells to, boolean logNormal) {
    this.number = number;
    this.from = from;
    this.to = to;
    this.logNormal = logNormal;
  }

  /** Its place in that order, and in the table of {@link Model}. */
  int number() {
    return number;
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
