package io.tacet.training;

import io.tacet.memory.Resources;
import io.tacet.network.InputSpec;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.NetworkState;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import java.util.random.RandomGenerator;

/** Writes text token by token with a language model. Owns its state; the network stays. */
public final class TextGenerator implements AutoCloseable {
  private final Resources resources = new Resources();
  private final Pass step;
  private final NetworkState state;
  private final int[] token = new int[1];

  /** A generator for a network that predicts the next token. */
  public TextGenerator(Network network) {
    NetworkSpec spec = network.spec();
    if (!(spec.input() instanceof InputSpec.Tokens tokens)
        || tokens.vocabulary() != spec.outputs()) {
      throw new IllegalArgumentException(
          "network: expected one that predicts tokens, got " + spec.toJson() + ".");
    }
    try {
      step = resources.own(new Pass(network, PassShape.steps(1, 1, null)));
      state = resources.own(network.state(1));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** Reads a token. */
  public void read(int next) {
    token[0] = next;
    step.inputTokens().copyFrom(token);
    step.forward(0, state);
    state.advance();
  }

  /**
   * Draws the token after those read, without reading it.
   *
   * @param temperature divides the logits; 0 takes the most probable token
   */
  public int draw(double temperature, RandomGenerator random) {
    double[] logits = step.values().toDoubles();
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
