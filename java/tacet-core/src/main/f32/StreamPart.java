package io.tacet.reference.f32;

import java.util.Arrays;

/**
 * Some units of a stream in a step, for some samples at a time: their columns of all weight rows lie
 * together, so that what is active is read through a cache once.
 */
final class StreamPart {
  private final EgruCell cell;
  private final boolean paper;
  private final int first;
  private final int width;
  private final GateWeights inputRows;
  private final GateWeights recurrentRows;
  private final StreamLists lists;

  /** What recurrent sums begin with. */
  private final float[] bias;

  private final float[] candidateBias;
  private final float[] thresholds;

  /** Of the recurrent rows, with the biases. */
  private final float[][] sums;

  /** Of the input rows. */
  private final float[][] inputSums;

  private final float[] z;
  private final float[] r;
  private final float[] g;
  private final float[] q;
  private final float[] c;
  private final float[] received;
  private final int[] at;

  /**
   * @param first its first unit
   * @param width its units
   * @param inputRows their columns
   * @param recurrentRows the same
   * @param lists what is active, of as many samples as are taken at a time
   */
  StreamPart(
      EgruCell cell,
      int first,
      int width,
      GateWeights inputRows,
      GateWeights recurrentRows,
      StreamLists lists) {
    this.cell = cell;
    this.first = first;
    this.width = width;
    this.inputRows = inputRows;
    this.recurrentRows = recurrentRows;
    this.lists = lists;
    paper = cell.paper;
    bias = new float[recurrentRows.places(width)];
    recurrentRows.put(own(cell.biasZ), 0, bias);
    recurrentRows.put(own(cell.biasR), 1, bias);
    recurrentRows.put(paper ? new float[width] : own(cell.biasQ), 2, bias);
    candidateBias = own(cell.biasG);
    thresholds = own(cell.thresholds);
    int together = lists.samples();
    sums = new float[together][bias.length];
    inputSums = new float[together][inputRows.places(width)];
    z = new float[width];
    r = new float[width];
    g = new float[width];
    q = new float[width];
    c = new float[width];
    received = new float[width];
    at = new int[together];
  }

  private float[] own(float[] values) {
    return Arrays.copyOfRange(values, first, first + width);
  }

  /** Adds up what the listed samples receive. */
  void collect() {
    for (int s = 0; s < sums.length; s++) {
      System.arraycopy(bias, 0, sums[s], 0, bias.length);
      Arrays.fill(inputSums[s], 0);
    }
    add(inputRows, lists.inputs(), 0, 3 * width, inputSums);
    add(recurrentRows, lists.sent(), 0, paper ? 2 * width : 3 * width, sums);
  }

  private void add(GateWeights rows, StreamEvents active, int from, int to, float[][] out) {
    Arrays.fill(at, 0);
    int block = rows.block();
    for (int end = block; end < active.size() + block; end += block) {
      for (int s = 0; s < out.length; s++) {
        int[] index = active.index[s];
        int k = RowSums.fours(index, at[s], active.counts[s], end, active.size());
        rows.add(index, active.values[s], at[s], k, from, to, out[s]);
        at[s] = k;
      }
    }
  }

  /**
   * The reset gates of the paper's variant, which multiply what is sent.
   *
   * @param resets [samples][units of the layer], of the listed ones
   */
  void resetGates(float[] resets) {
    for (int s = 0; s < sums.length; s++) {
      take(1, s, r);
      cell.cut(r);
      for (int m = 0; m < width; m++) {
        resets[s * cell.units + first + m] = Real.sigmoid(r[m]);
      }
    }
  }

  /**
   * Ends the step of the listed samples.
   *
   * @param sample number of the first of them
   * @param y [batch][units] what they send
   * @param h [batch][units] their states
   */
  void advance(int sample, float[] y, float[] h) {
    if (paper) {
      add(recurrentRows, lists.gated(), 2 * width, 3 * width, sums);
    }
    for (int s = 0; s < sums.length; s++) {
      int from = (sample + s) * cell.units + first;
      System.arraycopy(h, from, c, 0, width);
      take(0, s, z);
      if (paper) {
        take(2, s, g);
        paper();
      } else {
        take(1, s, r);
        recurrentRows.take(sums[s], 2, q);
        inputRows.take(inputSums[s], 2, g);
        resetAfter();
      }
      send(from, y, h);
    }
  }

  /** What a gate of a sample receives from units and inputs. */
  private void take(int gate, int s, float[] out) {
    recurrentRows.take(sums[s], gate, out);
    inputRows.take(inputSums[s], gate, received);
    RowSums.addOne(received, 1, 0, width, out);
  }

  private void resetAfter() {
    cell.cut(z);
    for (int m = 0; m < width; m++) {
      z[m] = Real.sigmoid(z[m]);
    }
    cell.cut(r);
    for (int m = 0; m < width; m++) {
      r[m] = Real.sigmoid(r[m]);
    }
    for (int m = 0; m < width; m++) {
      g[m] = g[m] + candidateBias[m] + r[m] * q[m];
    }
    cell.cut(g);
    for (int m = 0; m < width; m++) {
      g[m] = Real.tanh(g[m]);
    }
    for (int m = 0; m < width; m++) {
      q[m] = z[m] * c[m] + (1 - z[m]) * g[m];
    }
    mixOld();
  }

  private void paper() {
    cell.cut(z);
    for (int m = 0; m < width; m++) {
      z[m] = Real.sigmoid(z[m]);
    }
    RowSums.addOne(candidateBias, 1, 0, width, g);
    cell.cut(g);
    for (int m = 0; m < width; m++) {
      g[m] = Real.tanh(g[m]);
    }
    for (int m = 0; m < width; m++) {
      q[m] = z[m] * g[m] + (1 - z[m]) * c[m];
    }
  }

  /** Zoneout in evaluation. */
  private void mixOld() {
    if (cell.zoneout > 0) {
      for (int m = 0; m < width; m++) {
        q[m] = cell.zoneout * c[m] + (1 - cell.zoneout) * q[m];
      }
    }
  }

  private void send(int from, float[] y, float[] h) {
    for (int m = 0; m < width; m++) {
      float state = q[m];
      if (paper) {
        state -= cell.events ? y[from + m] : 0;
        state = cell.zoneout * c[m] + (1 - cell.zoneout) * state;
      }
      boolean event = !cell.events || !(state <= thresholds[m]); // a NaN is sent
      y[from + m] = event ? state : 0;
      h[from + m] = event && cell.events && !paper ? state - thresholds[m] : state;
    }
  }
}
