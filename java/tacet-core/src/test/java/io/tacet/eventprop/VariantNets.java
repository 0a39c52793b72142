package io.tacet.eventprop;

import io.tacet.BackendCase;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Layers of neurons of a variant that tests share. */
final class VariantNets {
  private VariantNets() {}

  /** What the neurons of a case have; the names are those of the file. */
  enum Kind {
    LIF,
    REFRACTORY,
    NON_LEAKY,
    SOFT_RESET,
    ADAPTIVE_THRESHOLD,
    ADAPTATION_CURRENT,
    INHIBITORY_SYNAPSE,
    ALL,
    ALPHA_SYNAPSE,
    /** All with alpha synapses. */
    ALL_ALPHA;

    boolean has(Kind feature) {
      return this == feature || ((this == ALL || this == ALL_ALPHA) && feature != NON_LEAKY);
    }

    boolean isAlpha() {
      return this == ALPHA_SYNAPSE || this == ALL_ALPHA;
    }

    String key() {
      return toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** A layer of the comparison with the reference. */
  enum Shape {
    FEED_FORWARD,
    RECURRENT,
    WIDE
  }

  /** Whether a backend takes the wide layer of a kind, by the number of the kind among all. */
  @FunctionalInterface
  interface TakesWide {
    /** As the interface says. */
    boolean test(BackendCase on, int number);
  }

  /** Backend, kind and shape of each comparison. */
  static Stream<Arguments> compared(Stream<BackendCase> backends, TakesWide wide) {
    return backends.flatMap(
        b ->
            Arrays.stream(Kind.values())
                .flatMap(
                    k ->
                        Arrays.stream(Shape.values())
                            .filter(s -> s != Shape.WIDE || wide.test(b, number(k)))
                            .map(s -> Arguments.of(b, k, s))));
  }

  /** The number of a kind among all. */
  static int number(Kind kind) {
    return Arrays.asList(Kind.values()).indexOf(kind);
  }

  private static final double[] LIF_VALUES = {20, 5, 1, -0.25, 0.125};
  private static final double[] VARIANT_VALUES = {2.5, 9, 30, 0.375, 40, 0.5};

  private static void set(Net net, Kind kind, double[][] lif, double[][] variant) {
    net.tauMem = lif[0];
    net.tauSyn = lif[1];
    net.threshold = lif[2];
    net.reset = kind.has(Kind.SOFT_RESET) ? null : lif[3];
    net.bias = lif[4];
    net.leaky = kind != Kind.NON_LEAKY;
    net.alphaSynapses = kind.isAlpha();
    Kind[] needed = {
      Kind.REFRACTORY,
      Kind.INHIBITORY_SYNAPSE,
      Kind.ADAPTIVE_THRESHOLD,
      Kind.ADAPTIVE_THRESHOLD,
      Kind.ADAPTATION_CURRENT,
      Kind.ADAPTATION_CURRENT
    };
    net.variant = new double[6][];
    for (int i = 0; i < needed.length; i++) {
      net.variant[i] = kind.has(needed[i]) ? variant[i] : null;
    }
  }

  static Net goldNet(Kind kind) {
    Net net = new Net(1, 2);
    net.duration = 60;
    net.inputWeights = new double[] {10, 7};
    net.recurrentLayout = Net.Layout.DENSE;
    // A weight of 0 is a synapse too, but without an effect on the loss.
    net.recurrentWeights = new double[] {0, 5, -3, 0};
    net.recurrentDelays = new double[] {0, 1, 1.5, 0};
    net.inputTimes = new double[][] {{2, 9, 20}};
    net.inputUnits = new int[][] {{0, 0, 0}};
    set(net, kind, twice(LIF_VALUES), twice(VARIANT_VALUES));
    return net;
  }

  private static double[][] twice(double[] values) {
    return Arrays.stream(values).mapToObj(v -> new double[] {v, v}).toArray(double[][]::new);
  }

  static Net random(Kind kind, Shape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = shape == Shape.WIDE ? 40 : 6;
    boolean recurrent = shape != Shape.FEED_FORWARD;
    Net net = new Net(5, n);
    net.duration = 60;
    double strength = kind == Kind.NON_LEAKY ? 1.5 : 4;
    net.inputWeights = floats(random, 5 * n, -0.3 * strength, strength);
    if (recurrent) {
      net.inputDelays = floats(random, 5 * n, 0, 5);
      net.recurrentLayout = Net.Layout.CSR;
      double weight = 4 / Math.sqrt(n);
      net.recurrentWeights = floats(random, n * n, -weight, 0.8 * weight);
      net.recurrentDelays = floats(random, n * n, 0.1, 5);
      for (int s = 0; s < n * n; s++) {
        net.recurrentWeights[s] = random.nextDouble() < 0.3 ? Double.NaN : net.recurrentWeights[s];
      }
    }
    net.inputTimes = new double[2][];
    net.inputUnits = new int[2][];
    for (int b = 0; b < 2; b++) {
      net.inputTimes[b] = floats(random, 10 - b, 0.5, 45);
      Arrays.sort(net.inputTimes[b]);
      net.inputUnits[b] = random.ints(10 - b, 0, 5).toArray();
    }
    double[][] lif = new double[5][];
    for (int i = 0; i < lif.length; i++) {
      double value = LIF_VALUES[i];
      lif[i] = floats(random, i == 1 ? 1 : n, value - 0.1, value + 0.1);
    }
    double[][] variant = new double[6][];
    for (int i = 0; i < variant.length; i++) {
      double value = VARIANT_VALUES[i];
      variant[i] = floats(random, i == 3 ? 1 : n, 0.9 * value, 1.1 * value);
    }
    set(net, kind, lif, variant);
    net.kick = floats(random, n, -0.02, 0.02);
    return net;
  }

  private static double[] floats(SplittableRandom random, int count, double low, double high) {
    return random.doubles(count, low, high).map(x -> (float) x).toArray();
  }
}
