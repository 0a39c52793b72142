package io.tacet.reference.f32;

import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruStream;
import io.tacet.egru.EgruVariant;
import io.tacet.reference.Workers;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Synapses;
import io.tacet.spi.VectorLoops;

/**
 * Stepwise inference. Dense rows, and a batch that cannot be dealt out evenly, are shared out by
 * units: each thread has its columns of all weight rows, which a step reads once for all samples.
 * Short rows, on a pattern, are shared out by samples: the sums of one lie in the nearest cache,
 * and threads meet but at the end of a step.
 */
public final class EgruStep implements EgruStream {
  /** From so many samples a thread, it matters little that one has one more than another. */
  private static final int MANY = 4;

  private final Workers workers;
  private final int batch;
  private final int inputs;
  private final int units;
  private final boolean paper;

  /** Whether a task is a sample, and a part what a thread needs for one; else it is a part. */
  private final boolean bySample;

  private final StreamPart[] parts;

  /** Of each part where tasks are samples, else of all. */
  private final StreamLists[] lists;

  /** The same, of the paper's variant. */
  private final float[][] resets;

  private float[] input;
  private float[] outputs;
  private float[] states;

  // Made once: a lambda that is made in each step would be garbage in each step.
  private final Workers.Task sample = this::sample;
  private final Workers.Task whole = (task, worker) -> whole(task);
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
    EgruCell cell = new EgruCell(layer);
    int threads = workers.count();
    boolean even = batch % threads == 0 || batch >= MANY * threads;
    bySample = layer.pattern() != null && inputSynapses instanceof CsrSynapses && even;
    parts = new StreamPart[bySample ? threads : Math.min(threads, units)];
    lists = new StreamLists[bySample ? parts.length : 1];
    resets = new float[lists.length][];
    for (int p = 0; p < lists.length; p++) {
      lists[p] = new StreamLists(bySample ? 1 : batch, inputs, units);
      resets[p] = new float[paper ? lists[p].samples() * units : 0];
    }
    GateWeights inputRows = null;
    GateWeights recurrentRows = null;
    for (int p = 0; p < parts.length; p++) {
      int first = bySample ? 0 : (int) ((long) units * p / parts.length);
      int end = bySample ? units : (int) ((long) units * (p + 1) / parts.length);
      if (!bySample || p == 0) {
        inputRows = GateParts.input(inputSynapses, units, first, end - first, loops);
        recurrentRows = GateParts.recurrent(layer, first, end - first, loops);
      }
      parts[p] =
          new StreamPart(
              cell, first, end - first, inputRows, recurrentRows, lists[bySample ? p : 0]);
    }
  }

  @Override
  public void step(float[] x, float[] y, float[] h) {
    check("x", x, inputs);
    check("y", y, units);
    check("h", h, units);
    input = x;
    outputs = y;
    states = h;
    if (bySample) {
      workers.run(batch, sample);
      return;
    }
    lists[0].list(0, x, y);
    if (!paper) {
      workers.run(parts.length, whole);
      return;
    }
    workers.run(parts.length, firstHalf);
    lists[0].gate(resets[0]);
    workers.run(parts.length, secondHalf);
  }

  private void sample(int n, int worker) {
    lists[worker].list(n, input, outputs);
    parts[worker].collect();
    if (paper) {
      parts[worker].resetGates(resets[worker]);
      lists[worker].gate(resets[worker]);
    }
    parts[worker].advance(n, outputs, states);
  }

  private void whole(int part) {
    parts[part].collect();
    parts[part].advance(0, outputs, states);
  }

  private void firstHalf(int part) {
    parts[part].collect();
    parts[part].resetGates(resets[0]);
  }

  private void secondHalf(int part) {
    parts[part].advance(0, outputs, states);
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
