package io.tacet.reference.f64;

/** The recurrent sums of a sample in a step, and what enters them. */
final class EgruSums {
  /** Sums of the three gates, as {@link GateWeights#put} has them. */
  final double[] sum;

  /** Units that sent something into the step, ascending, and what they sent. */
  final int[] active;

  final double[] values;

  /** What enters the product of the paper's candidate instead. */
  final double[] gated;

  int count;
  private int at;

  EgruSums(GateWeights weights, int units) {
    sum = new double[weights.places(units)];
    active = new int[units];
    values = new double[units];
    gated = new double[units];
  }

  /** Takes what sample n sent before the first step. */
  void begin(EgruCell cell, int n) {
    count = 0;
    if (cell.firstY == null) {
      return;
    }
    for (int m = 0; m < cell.units; m++) {
      double value = cell.firstY[n * cell.units + m];
      if (value != 0 || !cell.sparse) {
        active[count] = m;
        values[count++] = value;
      }
    }
  }

  /** Takes what was sent according to a row of a tape, as many units as the forward pass took. */
  void load(EgruCell cell, EgruTapeArrays tape, int position) {
    if (cell.sparse) {
      count = tape.listEvents(cell, position, active, values);
      return;
    }
    tape.loadEvents(cell, position, values);
    count = cell.units;
    for (int m = 0; m < count; m++) {
      active[m] = m;
    }
  }

  /**
   * sum += y R over the columns [from, to) for samples first .. first+count-1 that have a step t, a
   * block of rows at a time for all samples.
   */
  static void multiply(
      EgruCell cell,
      GateWeights weights,
      EgruSums[] samples,
      int first,
      int count,
      int t,
      int from,
      int to) {
    for (int s = 0; s < count; s++) {
      samples[s].at = 0;
    }
    int block = weights.block();
    for (int end = block; end < cell.units + block; end += block) {
      for (int s = 0; s < count; s++) {
        EgruSums sample = samples[s];
        if (t < cell.lengths[first + s]) {
          int k = RowSums.fours(sample.active, sample.at, sample.count, end, cell.units);
          double[] sent = cell.paper && from == 2 * cell.units ? sample.gated : sample.values;
          weights.add(sample.active, sent, sample.at, k, from, to, sample.sum);
          sample.at = k;
        }
      }
    }
  }
}
