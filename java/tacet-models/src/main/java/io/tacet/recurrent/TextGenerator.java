package io.tacet.recurrent;

import io.tacet.egru.EgruState;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Writes text token by token with a language model. Owns its state; the network stays. */
public final class TextGenerator implements AutoCloseable {
  private final Resources resources = new Resources();
  private final Unroll step;
  private final List<EgruState> state = new ArrayList<>();
  private final int[] token = new int[1];

  public TextGenerator(RecurrentNetwork network) {
    RecurrentSpec spec = network.spec();
    if (!spec.tokens() || !spec.everyStep()) {
      throw new IllegalArgumentException(
          "network: expected one that predicts tokens, got " + spec + ".");
    }
    try {
      step = resources.own(Unroll.inference(network, 1, 1));
      for (int units : spec.units()) {
        state.add(resources.own(EgruState.zeros(network.backend(), spec.precision(), 1, units)));
      }
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** Reads a token. */
  public void read(int next) {
    token[0] = next;
    step.tokens().copyFrom(token);
    step.forward(state, state, 0);
  }

  /**
   * Draws the token after those read, without reading it.
   *
   * @param temperature divides the logits; 0 takes the most probable token
   */
  public int draw(double temperature, RandomGenerator random) {
    double[] logits = step.logits().toDoubles();
    int best = 0;
    for (int k = 1; k < logits.length; k++) {
      best = logits[k] > logits[best] ? k : best;
    }
    if (temperature == 0) {
      return best;
    }
    double sum = 0;
    for (int k = 0; k < logits.length; k++) {
      sum += Math.exp((logits[k] - logits[best]) / temperature);
    }
    double left = random.nextDouble() * sum;
    for (int k = 0; k < logits.length; k++) {
      left -= Math.exp((logits[k] - logits[best]) / temperature);
      if (left < 0) {
        return k;
      }
    }
    return best;
  }

  @Override
  public void close() {
    resources.close();
  }
}
