package io.tacet.reference.f64;

import io.tacet.simulation.LifNetwork;
import io.tacet.simulation.PoissonInput;
import io.tacet.sparse.DelayRing;
import io.tacet.sparse.Philox;
import io.tacet.spi.SimulationKernels.Neurons;
import java.util.Arrays;

/** Some neighbouring neurons of a simulation: what a step does to them. */
final class SimulationTile {
  /** Neurons that share a block of random words. */
  private static final int BLOCK = 16;

  private final int low;
  private final int high;
  private final int neurons;
  private final int slots;
  private final int refractory;
  private final double[] alpha;
  private final double[] beta;
  private final double[] gamma;
  private final double[] drive;
  private final double[] threshold;
  private final double[] reset;
  private final double[] v;
  private final double[] i;
  private final int[] countdown;
  private final double[] ring;

  /** What Poisson input adds, by neuron of the tile; null without. */
  private final double[] weights;

  private final int[] classes;
  private final int[] limits;
  private final int[] starts;
  private final int width;
  private final long seed;
  private final int[] words = new int[4];
  private final int[] lower = new int[4];

  /** What arrives in the step, by neuron of the tile. */
  private final double[] arriving;

  /** The neurons that spiked in the last step, ascending. */
  final int[] fired;

  int firedCount;

  SimulationTile(LifNetwork network, Neurons arrays, DelayRing delayRing, int low, int high) {
    this.low = low;
    this.high = high;
    neurons = network.neurons();
    slots = delayRing.slots();
    refractory = network.refractory();
    alpha = Real.array(arrays.alpha());
    beta = Real.array(arrays.beta());
    gamma = Real.array(arrays.gamma());
    drive = Real.array(arrays.drive());
    threshold = Real.array(arrays.threshold());
    reset = Real.array(arrays.reset());
    v = Real.array(arrays.potentials());
    i = Real.array(arrays.currents());
    countdown = (int[]) arrays.countdowns().storage().heap();
    ring = Real.array(delayRing.values());
    PoissonInput input = network.input();
    weights = input == null ? null : Real.array(input.weights());
    classes = input == null ? null : (int[]) input.classes().storage().heap();
    limits = input == null ? null : (int[]) input.limits().storage().heap();
    starts = input == null ? null : (int[]) input.starts().storage().heap();
    width = input == null ? 0 : input.width();
    seed = input == null ? 0 : input.seed();
    arriving = new double[high - low];
    fired = new int[high - low];
  }

  void advance(long step) {
    int slot = (int) (step % slots) * neurons;
    System.arraycopy(ring, slot + low, arriving, 0, high - low);
    Arrays.fill(ring, slot + low, slot + high, 0);
    if (weights != null) {
      addInput(step);
    }
    for (int k = low; k < high; k++) {
      v[k] = alpha[k] * v[k] + (gamma[k] * i[k] + drive[k]);
    }
    for (int k = low; k < high; k++) {
      i[k] = beta[k] * i[k] + arriving[k - low];
    }
    spike();
  }

  /** Adds Poisson input to what arrives: a block of random words for 16 neurons at a time. */
  private void addInput(long step) {
    for (int block = low; block < high; block += BLOCK) {
      Philox.block(
          block / BLOCK, (int) step, (int) (step >>> 32), PoissonInput.DOMAIN, seed, words);
      int end = Math.min(block + BLOCK, high);
      for (int k = block; k < end; k++) {
        int lane = k - block;
        int upper = (words[lane / 4] >>> (8 * (lane % 4))) & 255;
        int number = starts[classes[k] * PoissonInput.STARTS + upper];
        if (number < 0) {
          number = search(k, step, upper, -1 - number);
        }
        arriving[k - low] += weights[k] * number;
      }
    }
  }

  /** The number that all 32 bits decide, at least {@code from}. */
  private int search(int neuron, long step, int upper, int from) {
    Philox.block(neuron, (int) step, (int) (step >>> 32), PoissonInput.LOWER_DOMAIN, seed, lower);
    int key = ((upper << 24) | (lower[0] >>> 8)) ^ Integer.MIN_VALUE;
    int row = classes[neuron] * width;
    int number = from;
    while (key > limits[row + number]) {
      number++;
    }
    return number;
  }

  /** Holds refractory neurons at their reset, and resets and lists those that spike. */
  private void spike() {
    firedCount = 0;
    for (int k = low; k < high; k++) {
      if (countdown[k] > 0) {
        countdown[k]--;
        v[k] = reset[k];
      } else if (v[k] >= threshold[k]) {
        countdown[k] = refractory;
        v[k] = reset[k];
        fired[firedCount++] = k;
      }
    }
  }
}
