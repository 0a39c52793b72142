package io.tacet.reference.f32;

import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruStream;
import io.tacet.egru.EgruVariant;
import io.tacet.reference.Workers;
import io.tacet.sparse.Synapses;
import io.tacet.spi.VectorLoops;

/**
 * Stepwise inference. Each thread owns some units: its columns of all weight rows lie together, so
 * that a step streams the rows of what is active through the cache once, without waiting for other
 * threads but at its end (and, in the paper's variant, at the reset gates).
 */
public final class EgruStep implements EgruStream {
  /** The rows that take part in a product, for each sample: ascending indices and factors. */
  private static final class Active {
    final int[][] index;
    final float[][] values;
    final int[] counts;

    Active(int batch, int size) {
      index = new int[batch][size];
      values = new float[batch][size];
      counts = new int[batch];
    }

    void list(float[] x, int n, int size) {
      int[] found = index[n];
      float[] value = values[n];
      int count = 0;
      for (int m = 0, at = n * size; m < size; m++, at++) {
        found[count] = m;
        value[count] = x[at];
        // 1 unless it is 0 or -0, without a branch: which are active cannot be predicted.
        int bits = Float.floatToRawIntBits(x[at]) << 1;
        count += (bits | -bits) >>> 31;
      }
      counts[n] = count;
    }
  }

  /** The units of one thread. */
  private final class Part {
    final int first;
    final int width;
    final GateWeights inputRows;
    final GateWeights recurrentRows;

    /** What recurrent sums begin with. */
    final float[] bias;

    final float[] candidateBias;

    /** Of the recurrent rows, with the biases. */
    final float[][] sums;

    /** Of the input rows. */
    final float[][] inputSums;

    final float[] z;
    final float[] r;
    final float[] g;
    final float[] q;
    final float[] c;
    final float[] received;
    final int[] at;

    Part(VectorLoops loops, Synapses input, EgruLayer layer, EgruCell cell, int first, int width) {
      this.first = first;
      this.width = width;
      inputRows = GateParts.input(input, units, first, width, loops);
      recurrentRows = GateParts.recurrent(layer, first, width, loops);
      bias = new float[recurrentRows.places(width)];
      recurrentRows.put(own(cell.biasZ), 0, bias);
      recurrentRows.put(own(cell.biasR), 1, bias);
      recurrentRows.put(paper ? new float[width] : own(cell.biasQ), 2, bias);
      candidateBias = own(cell.biasG);
      sums = new float[batch][bias.length];
      inputSums = new float[batch][inputRows.places(width)];
      z = new float[width];
      r = new float[width];
      g = new float[width];
      q = new float[width];
      c = new float[width];
      received = new float[width];
      at = new int[batch];
    }

    private float[] own(float[] values) {
      return java.util.Arrays.copyOfRange(values, first, first + width);
    }

    void collect() {
      for (int n = 0; n < batch; n++) {
        System.arraycopy(bias, 0, sums[n], 0, bias.length);
        java.util.Arrays.fill(inputSums[n], 0);
      }
      add(inputRows, inputs, input, 0, 3 * width, inputSums);
      add(recurrentRows, units, events, 0, paper ? 2 * width : 3 * width, sums);
    }

    private void add(GateWeights rows, int count, Active active, int from, int to, float[][] out) {
      java.util.Arrays.fill(at, 0);
      int block = rows.block();
      for (int end = block; end < count + block; end += block) {
        for (int n = 0; n < batch; n++) {
          int[] index = active.index[n];
          int k = RowSums.fours(index, at[n], active.counts[n], end, count);
          rows.add(index, active.values[n], at[n], k, from, to, out[n]);
          at[n] = k;
        }
      }
    }

    /** The paper's reset gates, which all threads need. */
    void resetGates() {
      for (int n = 0; n < batch; n++) {
        take(1, n, r);
        cell.cut(r);
        for (int m = 0; m < width; m++) {
          resets[n * units + first + m] = Real.sigmoid(r[m]);
        }
      }
    }

    void advance() {
      if (paper) {
        add(recurrentRows, units, gated, 2 * width, 3 * width, sums);
      }
      for (int n = 0; n < batch; n++) {
        System.arraycopy(states, n * units + first, c, 0, width);
        take(0, n, z);
        if (paper) {
          take(2, n, g);
          paper();
        } else {
          take(1, n, r);
          recurrentRows.take(sums[n], 2, q);
          inputRows.take(inputSums[n], 2, g);
          resetAfter();
        }
        send(n);
      }
    }

    /** What a gate of a sample receives from units and inputs. */
    private void take(int gate, int n, float[] out) {
      recurrentRows.take(sums[n], gate, out);
      inputRows.take(inputSums[n], gate, received);
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
      if (zoneout > 0) {
        for (int m = 0; m < width; m++) {
          q[m] = zoneout * c[m] + (1 - zoneout) * q[m];
        }
      }
    }

    private void send(int n) {
      int at = n * units + first;
      for (int m = 0; m < width; m++) {
        float state = q[m];
        if (paper) {
          state -= withEvents ? outputs[at + m] : 0;
          state = zoneout * c[m] + (1 - zoneout) * state;
        }
        boolean event = !withEvents || !(state <= thresholds[first + m]); // a NaN is sent
        outputs[at + m] = event ? state : 0;
        states[at + m] = event && withEvents && !paper ? state - thresholds[first + m] : state;
      }
    }
  }

  private final Workers workers;
  private final int batch;
  private final int inputs;
  private final int units;
  private final boolean paper;
  private final EgruCell cell;
  private final boolean withEvents;
  private final float zoneout;
  private final float[] thresholds;
  private final Part[] parts;
  private final Active input;
  private final Active events;
  private final Active gated;
  private final float[] resets;
  private float[] outputs;
  private float[] states;

  // Made once: a lambda that is made in each step would be garbage in each step.
  private final Workers.Task whole = (task, worker) -> wholeStep(task);
  private final Workers.Task firstHalf = (task, worker) -> firstHalf(task);
  private final Workers.Task secondHalf = (task, worker) -> secondHalf(task);

  /**
   * @param loops in vector instructions, null for plain ones
   */
  public EgruStep(
      Workers workers, VectorLoops loops, EgruLayer layer, Synapses inputSynapses, int batch) {
    this.workers = workers;
    this.batch = batch;
    inputs = inputSynapses.sources();
    units = layer.units();
    paper = layer.options().variant() == EgruVariant.PAPER;
    cell = new EgruCell(layer);
    withEvents = cell.events;
    zoneout = cell.zoneout;
    thresholds = cell.thresholds.clone();
    int count = Math.min(workers.count(), units);
    parts = new Part[count];
    for (int p = 0; p < count; p++) {
      int first = (int) ((long) units * p / count);
      int end = (int) ((long) units * (p + 1) / count);
      parts[p] = new Part(loops, inputSynapses, layer, cell, first, end - first);
    }
    input = new Active(batch, inputs);
    events = new Active(batch, units);
    gated = new Active(batch, units);
    resets = new float[paper ? batch * units : 0];
  }

  @Override
  public void step(float[] x, float[] y, float[] h) {
    check("x", x, inputs);
    check("y", y, units);
    check("h", h, units);
    outputs = y;
    states = h;
    for (int n = 0; n < batch; n++) {
      input.list(x, n, inputs);
      events.list(y, n, units);
    }
    if (!paper) {
      workers.run(parts.length, whole);
      return;
    }
    workers.run(parts.length, firstHalf);
    for (int n = 0; n < batch; n++) {
      gated.counts[n] = events.counts[n];
      for (int k = 0; k < events.counts[n]; k++) {
        int j = events.index[n][k];
        gated.index[n][k] = j;
        gated.values[n][k] = resets[n * units + j] * events.values[n][k];
      }
    }
    workers.run(parts.length, secondHalf);
  }

  private void wholeStep(int part) {
    parts[part].collect();
    parts[part].advance();
  }

  private void firstHalf(int part) {
    parts[part].collect();
    parts[part].resetGates();
  }

  private void secondHalf(int part) {
    parts[part].advance();
  }

  private void check(String name, float[] array, int each) {
    if (array.length != batch * each) {
      throw new IllegalArgumentException(
          name
              + ": expected ["
              + batch
              + "]["
              + each
              + "] = "
              + batch * each
              + " values, got "
              + array.length
              + ".");
    }
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public int inputs() {
    return inputs;
  }

  @Override
  public int units() {
    return units;
  }

  @Override
  public void close() {}
}
