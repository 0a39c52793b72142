package io.tacet.eventprop;

import io.tacet.Backend;
import io.tacet.memory.DType;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Random layers whose gradients exist and can be measured: no grazing spikes, no near misses. */
final class RandomNets {
  private static final double SMALLEST_SLOPE = 0.05;

  private RandomNets() {}

  /** A loss that survives an exchange of two spikes in time: it depends on the neuron alone. */
  static final Net.TimeLoss LOSS = (k, n) -> 0.4 + 0.3 * Math.sin(1 + 2 * n);

  /**
   * A recurrent layer of 5-10 neurons with 20-60 spikes: time constants, thresholds, resets and
   * biases per neuron, a delay per synapse and some of them zero.
   */
  static Net recurrent(Backend backend, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    while (true) {
      Net net = draw(5 + random.nextInt(6), random);
      Net.Result r = net.run(backend, DType.FLOAT64, false, LOSS);
      double smallest = Arrays.stream(r.slopes()).min().orElse(0);
      double largest = largest(r.inputWeights(), r.recurrentWeights(), r.recurrentDelays());
      int spikes = r.times().length;
      boolean measurable = smallest >= SMALLEST_SLOPE && r.grazes() == 0 && largest < 1e3;
      if (measurable && spikes >= 20 && spikes <= 60) {
        return net;
      }
    }
  }

  private static double largest(double[]... arrays) {
    return Arrays.stream(arrays).flatMapToDouble(Arrays::stream).map(Math::abs).max().orElse(0);
  }

  private static Net draw(int n, SplittableRandom random) {
    int inputs = 4;
    Net net = new Net(inputs, n);
    net.duration = 80;
    net.tauMem = random.doubles(n, 8, 25).toArray();
    net.tauSyn = random.doubles(n, 3, 12).toArray();
    net.threshold = random.doubles(n, 0.8, 1.3).toArray();
    net.reset = random.doubles(n, -0.5, 0.3).toArray();
    net.bias = random.doubles(n, -0.1, 0.3).toArray();
    net.inputWeights = random.doubles(net.inputWeights.length, 0, 3).toArray();
    net.inputDelays = delays(inputs * n, random);
    net.recurrentWeights = random.doubles((long) n * n, -2, 2).toArray();
    for (int s = 0; s < n * n; s++) {
      if (random.nextDouble() < 0.4) {
        net.recurrentWeights[s] = Double.NaN;
      }
    }
    net.recurrentDelays = delays(n * n, random);
    setInputs(net, random, 1, 12);
    return net;
  }

  /** A recurrent layer of many neurons with sparse recurrence, for simulation on a grid. */
  static Net large(int neurons, int batch, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Net net = draw(neurons, random);
    double sparse = 10.0 / neurons;
    for (int s = 0; s < net.recurrentWeights.length; s++) {
      net.recurrentWeights[s] =
          random.nextDouble() < sparse ? random.nextDouble(-1, 1) : Double.NaN;
    }
    setInputs(net, random, batch, 12);
    return net;
  }

  /** A feed-forward layer that shares its time constants, 8 neurons over 5 inputs. */
  static Net feedForward(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Net net = new Net(5, 8);
    net.duration = 80;
    net.tauMem = new double[] {random.nextDouble(10, 20)};
    net.tauSyn = new double[] {random.nextDouble(3, 8)};
    net.reset = random.doubles(8, -0.5, 0.3).toArray();
    net.bias = random.doubles(8, -0.1, 0.3).toArray();
    net.inputWeights = random.doubles(40, -1, 4).toArray();
    setInputs(net, random, 3, 20);
    return net;
  }

  static void setInputs(Net net, SplittableRandom random, int batch, int events) {
    net.inputTimes = new double[batch][];
    net.inputUnits = new int[batch][];
    for (int b = 0; b < batch; b++) {
      net.inputTimes[b] = random.doubles(events, 0.5, 0.7 * net.duration).sorted().toArray();
      net.inputUnits[b] = random.ints(events, 0, net.inputs).toArray();
    }
  }

  private static double[] delays(int count, SplittableRandom random) {
    double[] d = random.doubles(count, 0.2, 6).toArray();
    for (int s = 0; s < count; s++) {
      if (random.nextDouble() < 0.25) {
        d[s] = 0;
      }
    }
    return d;
  }
}
