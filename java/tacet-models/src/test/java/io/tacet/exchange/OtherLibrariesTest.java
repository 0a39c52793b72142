package io.tacet.exchange;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.TypedArray;
import io.tacet.eventprop.LifStep;
import io.tacet.eventprop.Simulator;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.Weights;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What docs/from-other-libraries.md says: the steps of other libraries, written down here, against
 * networks whose numbers are converted as the page tells.
 */
class OtherLibrariesTest {
  private static final int INPUTS = 4;
  private static final int[] NEURONS = {7, 3};
  private static final int STEPS = 200;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** A layer of another library: a step of input spikes, which gives its own. */
  @FunctionalInterface
  private interface Step {
    boolean[] of(boolean[] input);
  }

  /** Weights [to][from]. */
  private static double[] weights(int layer) {
    int from = layer == 0 ? INPUTS : NEURONS[0];
    SplittableRandom random = new SplittableRandom(layer + 1L);
    return random.doubles((long) NEURONS[layer] * from, -0.3, 1).toArray();
  }

  /** Weights within the first layer [to][from]; none within the second. */
  private static double[] recurrent(int layer) {
    SplittableRandom random = new SplittableRandom(7);
    long count = (long) NEURONS[layer] * NEURONS[layer];
    return layer == 0 ? random.doubles(count, -0.5, 0.4).toArray() : new double[(int) count];
  }

  private static double[] product(double[] w, int to, boolean[] x) {
    double[] y = new double[to];
    for (int k = 0; k < w.length; k++) {
      y[k / x.length] += x[k % x.length] ? w[k] : 0;
    }
    return y;
  }

  private static boolean[][] input() {
    SplittableRandom random = new SplittableRandom(11);
    boolean[][] frames = new boolean[STEPS][INPUTS];
    for (boolean[] frame : frames) {
      for (int k = 0; k < INPUTS; k++) {
        frame[k] = random.nextDouble() < 0.15;
      }
    }
    return frames;
  }

  /** Spikes of both layers as "layer step neuron". */
  private static Set<String> spikes(Step first, Step second) {
    Set<String> all = new TreeSet<>();
    boolean[][] frames = input();
    for (int n = 0; n < STEPS; n++) {
      boolean[] hidden = first.of(frames[n]);
      boolean[] output = second.of(hidden);
      for (int layer = 0; layer < 2; layer++) {
        boolean[] of = layer == 0 ? hidden : output;
        for (int k = 0; k < of.length; k++) {
          if (of[k]) {
            all.add(layer + " " + n + " " + k);
          }
        }
      }
    }
    assertThat(all).hasSizeGreaterThan(60).anyMatch(spike -> spike.startsWith("1"));
    return all;
  }

  /**
   * The same of a network on a grid.
   *
   * @param factor of the weights
   * @param lag steps by which a layer is later than theirs, and one above it twice as much
   * @param within synapses within the first layer; null for none
   */
  private static Set<String> ofNetwork(
      Lif lif, double dt, double factor, int lag, Connection within) {
    Set<String> all = new TreeSet<>();
    boolean[][] frames = input();
    int count = 0;
    double[] times = new double[STEPS * INPUTS];
    int[] units = new int[STEPS * INPUTS];
    for (int n = 0; n < STEPS; n++) {
      for (int k = 0; k < INPUTS; k++) {
        if (frames[n][k]) {
          times[count] = n * dt;
          units[count++] = k;
        }
      }
    }
    Weights any = Weights.normal(0, 1);
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .precision(DType.FLOAT64)
                .duration((STEPS + 4) * dt)
                .simulator(Simulator.grid(dt))
                .spikes(INPUTS)
                .lif(NEURONS[0], lif, Connection.dense(any), within)
                .lif(NEURONS[1], lif, Connection.dense(any))
                .build(0);
        Pass pass = new Pass(network, PassShape.events(1, count, null))) {
      for (int layer = 0; layer < 2; layer++) {
        network
            .arrays()
            .get("layer" + layer + ".weights")
            .copyFrom(converted(weights(layer), NEURONS[layer], factor));
      }
      if (within != null) {
        network
            .arrays()
            .get("layer0.recurrent.weights")
            .copyFrom(converted(recurrent(0), NEURONS[0], factor));
      }
      pass.inputSpikes()
          .set(
              new double[][] {Arrays.copyOf(times, count)},
              new int[][] {Arrays.copyOf(units, count)});
      pass.forward();
      for (int layer = 0; layer < 2; layer++) {
        Spikes of = pass.spikes(layer);
        double[] when = of.times().toDoubles();
        int[] who = of.units().toInts();
        for (int e = 0; e < of.counts().toInts()[0]; e++) {
          long step = Math.round(when[e] / dt) - (long) lag * (layer + 1);
          if (step < STEPS) {
            all.add(layer + " " + step + " " + who[e]);
          }
        }
      }
    }
    return all;
  }

  /** From [to][from] to [from][to], times a factor. */
  private static double[] converted(double[] theirs, int to, double factor) {
    double[] ours = new double[theirs.length];
    int from = theirs.length / to;
    for (int k = 0; k < ours.length; k++) {
      ours[k % from * to + k / from] = factor * theirs[k];
    }
    return ours;
  }

  private static void keep(boolean[] spikes, boolean[] before) {
    System.arraycopy(spikes, 0, before, 0, spikes.length);
  }

  /**
   * snntorch.RSynaptic, without its recurrent weights Synaptic, with reset_mechanism="zero" and
   * reset_delay=False.
   */
  private static Step synaptic(int layer, double alpha, double beta, double threshold) {
    double[] w = weights(layer);
    double[] syn = new double[NEURONS[layer]];
    double[] mem = new double[NEURONS[layer]];
    boolean[] before = new boolean[NEURONS[layer]];
    return input -> {
      double[] in = product(w, syn.length, input);
      double[] own = product(recurrent(layer), syn.length, before);
      boolean[] spikes = new boolean[syn.length];
      for (int k = 0; k < syn.length; k++) {
        syn[k] = alpha * syn[k] + in[k] + own[k];
        mem[k] = beta * mem[k] + syn[k];
        spikes[k] = mem[k] > threshold;
        mem[k] = spikes[k] ? 0 : mem[k];
      }
      keep(spikes, before);
      return spikes;
    };
  }

  @Test
  void aSynapticLayerOfSnnTorchIsOursAStepLater() {
    double alpha = 0.8;
    double beta = 0.9;
    double threshold = 3;
    double dt = 1;
    double tauSyn = -dt / Math.log(alpha);
    double tauMem = -dt / Math.log(beta);
    double factor = 1 / LifStep.of(tauMem, tauSyn, dt).gamma();
    Lif lif = Lif.tau(tauMem, tauSyn).threshold(threshold);
    Connection within = Connection.dense(Weights.normal(0, 1));
    assertThat(ofNetwork(lif, dt, factor, 1, within))
        .isEqualTo(
            spikes(synaptic(0, alpha, beta, threshold), synaptic(1, alpha, beta, threshold)));
  }

  /**
   * norse.torch.LIFRecurrentCell, without recurrent weights LIFCell: a step of Euler, times in s.
   */
  private static Step norse(
      int layer, double dt, double tauMem, double tauSyn, double leak, double reset) {
    double[] w = weights(layer);
    double[] v = new double[NEURONS[layer]];
    double[] i = new double[NEURONS[layer]];
    boolean[] before = new boolean[NEURONS[layer]];
    return input -> {
      double[] in = product(w, v.length, input);
      double[] own = product(recurrent(layer), v.length, before);
      boolean[] spikes = new boolean[v.length];
      for (int k = 0; k < v.length; k++) {
        v[k] += dt / tauMem * (leak - v[k] + i[k]);
        i[k] += -dt / tauSyn * i[k];
        spikes[k] = v[k] > 0.4;
        v[k] = spikes[k] ? reset : v[k];
        i[k] += in[k] + own[k];
      }
      keep(spikes, before);
      return spikes;
    };
  }

  @Test
  void anEulerStepOfNorseIsOursWithShorterTimes() {
    double dt = 1e-3;
    double tauMem = 1e-2;
    double tauSyn = 5e-3;
    double ours = 1000 * dt;
    Lif lif =
        Lif.tau(-ours / Math.log(1 - dt / tauMem), -ours / Math.log(1 - dt / tauSyn))
            .threshold(0.4)
            .reset(-0.1)
            .bias(0.05);
    double gamma = LifStep.of(lif.tauMem(), lif.tauSyn(), ours).gamma();
    Connection within = Connection.dense(Weights.normal(0, 1)).delays(ours, ours);
    assertThat(ofNetwork(lif, ours, dt / tauMem / gamma, 0, within))
        .isEqualTo(
            spikes(
                norse(0, dt, tauMem, tauSyn, 0.05, -0.1),
                norse(1, dt, tauMem, tauSyn, 0.05, -0.1)));
  }

  /** LeakyIntegrateFire of mlGeNN with Exponential synapses and relative_reset=False. */
  private static Step genn(int layer, double dt, double tauMem, double tauSyn) {
    double[] w = weights(layer);
    double[] v = new double[NEURONS[layer]];
    double[] current = new double[NEURONS[layer]];
    return input -> {
      boolean[] spikes = new boolean[v.length];
      double[] in = product(w, v.length, input);
      for (int k = 0; k < v.length; k++) {
        v[k] = Math.exp(-dt / tauMem) * v[k] + current[k];
        current[k] *= Math.exp(-dt / tauSyn);
        spikes[k] = v[k] >= 2;
        v[k] = spikes[k] ? 0 : v[k];
        current[k] += in[k];
      }
      return spikes;
    };
  }

  @Test
  void aLayerOfMlGennIsOursWithOtherWeights() {
    double dt = 1;
    double factor = 1 / LifStep.of(20, 5, dt).gamma();
    assertThat(ofNetwork(Lif.tau(20, 5).threshold(2), dt, factor, 0, null))
        .isEqualTo(spikes(genn(0, dt, 20, 5), genn(1, dt, 20, 5)));
  }

  @Test
  void anEgruOfEvNnIsOursByName() throws IOException {
    int units = 5;
    SplittableRandom random = new SplittableRandom(2);
    Map<String, TypedArray> all = new LinkedHashMap<>();
    all.put("rnn.kernel", random(random, -1, INPUTS, 3 * units));
    all.put("rnn.recurrent_kernel", random(random, -1, units, 3 * units));
    all.put("rnn.bias", random(random, -1, 3 * units));
    all.put("rnn.recurrent_bias", random(random, -1, 3 * units));
    all.put("rnn.thr", random(random, 0, units));
    all.put("fc.weight", random(random, -1, 2, units));
    all.put("fc.bias", random(random, -1, 2));
    Map<String, String> names = new LinkedHashMap<>();
    names.put("layer0.inputWeights", "rnn.kernel");
    names.put("layer0.recurrentWeights", "rnn.recurrent_kernel");
    names.put("layer0.inputBias", "rnn.bias");
    names.put("layer0.recurrentBias", "rnn.recurrent_bias");
    names.put("layer0.thresholds", "rnn.thr");
    names.put("readout.weights", "fc.weight");
    names.put("readout.bias", "fc.bias");
    double[] x = random.doubles(6L * INPUTS, -1, 1).toArray();
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .precision(DType.FLOAT64)
                .sequence(INPUTS)
                .egru(units)
                .readout(2)
                .build(0);
        Pass pass = new Pass(network, PassShape.steps(1, 6, null))) {
      network.load(NamedArrays.of(all), names);
      pass.inputSteps().copyFrom(x);
      pass.forward();
      assertClose(pass.values().toDoubles(), egru(all, x, units), 1e-6);
    }
  }

  private static TypedArray random(SplittableRandom random, double low, int... shape) {
    float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) random.nextDouble(low, 0.5);
    }
    return TypedArray.of(values, shape);
  }

  /** EGRU of EvNN with a linear map of its trace after the last step. */
  private static double[] egru(Map<String, TypedArray> all, double[] x, int units) {
    double[] h = new double[units];
    double[] y = new double[units];
    double[] trace = new double[units];
    for (int t = 0; t < x.length / INPUTS; t++) {
      double[] in =
          affine(Arrays.copyOfRange(x, t * INPUTS, (t + 1) * INPUTS), all, "kernel", "bias");
      double[] own = affine(y, all, "recurrent_kernel", "recurrent_bias");
      for (int k = 0; k < units; k++) {
        double z = 1 / (1 + Math.exp(-in[k] - own[k]));
        double r = 1 / (1 + Math.exp(-in[units + k] - own[units + k]));
        double g = Math.tanh(in[2 * units + k] + r * own[2 * units + k]);
        double c = z * h[k] + (1 - z) * g;
        double threshold = all.get("rnn.thr").real(k);
        boolean event = c > threshold;
        y[k] = event ? c : 0;
        h[k] = event ? c - threshold : c;
        trace[k] = 0.9 * trace[k] + 0.1 * y[k];
      }
    }
    double[] out = all.get("fc.bias").doubles().clone();
    for (int k = 0; k < 2 * units; k++) {
      out[k / units] += all.get("fc.weight").real(k) * trace[k % units];
    }
    return out;
  }

  private static double[] affine(
      double[] x, Map<String, TypedArray> all, String weights, String bias) {
    double[] y = all.get("rnn." + bias).doubles().clone();
    for (int k = 0; k < x.length; k++) {
      for (int c = 0; c < y.length; c++) {
        y[c] += x[k] * all.get("rnn." + weights).real(k * y.length + c);
      }
    }
    return y;
  }
}
