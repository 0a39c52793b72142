package io.tacet.network;

import io.tacet.memory.DType;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Stepwise inference by a whole network, for input that arrives over time; see {@link
 * Network#stream}. After each step the outputs are those that {@link Network#predict} gives for the
 * sequence so far, up to rounding: of a read-out of every step those of the last. A step allocates
 * nothing.
 *
 * <p>The state is the stream's; samples stay independent of each other. A stream keeps its own copy
 * of the weights, arranged for this purpose: it does not see later updates. A NaN in the input is
 * computed with like any number, and stays in the state of its sample until {@link #reset}. Not
 * thread-safe.
 */
public final class NetworkStream implements AutoCloseable {
  private final List<LayerStep> layers = new ArrayList<>();
  private final Resources resources = new Resources();
  private final Flow input;
  private final int batch;
  private final int outputs;

  /** Tokens as the layers take them; null where something else enters. */
  private final float[] oneHot;

  /** Where {@link #oneHot} is 1. */
  private final int[] hot;

  NetworkStream(Network network, int batch) {
    NetworkSpec spec = network.spec();
    check(network, batch);
    this.batch = batch;
    this.input = spec.input().flow();
    this.outputs = spec.outputs();
    boolean tokens = input.kind() == Flow.Kind.TOKENS;
    oneHot = tokens ? new float[Math.multiplyExact(batch, input.columns())] : null;
    hot = new int[tokens ? batch : 0];
    Arrays.setAll(hot, n -> n * input.columns());
    int count = spec.layers().size();
    try {
      for (int k = 0; k < count; k++) {
        LayerSpec reader = k + 1 < count ? spec.layers().get(k + 1) : null;
        layers.add(resources.own(network.layers().get(k).step(batch, reader)));
      }
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private static void check(Network network, int batch) {
    NetworkSpec spec = network.spec();
    if (spec.input().flow().kind() == Flow.Kind.SPIKES) {
      throw new IllegalArgumentException(
          "stream: expected a network of steps (.sequence(n), .bin(steps) or .tokens(n)), got one"
              + " of event times, which have no steps.");
    }
    if (spec.precision() != DType.FLOAT32 || !network.backend().name().equals("java")) {
      throw new IllegalArgumentException(
          "stream: expected a FLOAT32 network on the java backend, got "
              + spec.precision()
              + " on "
              + network.backend().name()
              + ". Load the network on Backends.open(\"java\").");
    }
    if (batch < 1) {
      throw new IllegalArgumentException("batch: expected at least 1, got " + batch + ".");
    }
  }

  /**
   * One step of numbers.
   *
   * @param x inputs, [batch][channels]; of a network with {@code .bin} the counts of an interval
   * @return outputs, [batch][outputs]; the stream's array, overwritten by the next step
   * @throws IllegalArgumentException if x has another length, or the network takes tokens
   */
  public float[] step(float[] x) {
    if (oneHot != null) {
      throw new IllegalArgumentException(
          "x: expected step(int[]) for a network of tokens, got numbers.");
    }
    require("x", (long) batch * input.columns(), x.length);
    return run(x);
  }

  /**
   * One step of tokens.
   *
   * @param tokens of each sample, [batch]
   * @return outputs, [batch][outputs]; the stream's array, overwritten by the next step
   * @throws IllegalArgumentException if there are more or fewer tokens than samples, one is not in
   *     the vocabulary, or the network takes numbers
   */
  public float[] step(int[] tokens) {
    if (oneHot == null) {
      throw new IllegalArgumentException(
          "tokens: expected step(float[]) for a network of numbers at every step, got tokens.");
    }
    require("tokens", batch, tokens.length);
    for (int token : tokens) {
      if (token < 0 || token >= input.columns()) {
        throw new IllegalArgumentException(
            "tokens: expected tokens in [0, " + input.columns() + "), got " + token + ".");
      }
    }
    for (int n = 0; n < batch; n++) {
      oneHot[hot[n]] = 0;
      hot[n] = n * input.columns() + tokens[n];
      oneHot[hot[n]] = 1;
    }
    return run(oneHot);
  }

  private static void require(String name, long expected, int length) {
    if (length != expected) {
      throw new IllegalArgumentException(
          name
              + ": expected "
              + expected
              + " values, one row for each sample, got "
              + length
              + ".");
    }
  }

  private float[] run(float[] x) {
    float[] values = x;
    for (int k = 0; k < layers.size(); k++) {
      values = layers.get(k).step(values);
    }
    return values;
  }

  /** Back to the beginning of a sequence, in all samples. */
  public void reset() {
    layers.forEach(LayerStep::reset);
  }

  /** Number of samples. */
  public int batch() {
    return batch;
  }

  /** Channels of a step, or size of the vocabulary. */
  public int inputs() {
    return input.columns();
  }

  /** Number of outputs. */
  public int outputs() {
    return outputs;
  }

  @Override
  public void close() {
    resources.close();
  }
}
