package io.tacet.eventprop;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.DenseSynapses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * How far the gradients of {@link GridEventProp} are from the exact ones: random networks of 5
 * inputs, 6 hidden and 3 output neurons (tau 20 and 5 ms, threshold 1, 60 ms, one input event per
 * source in 0 .. 20 ms, loss of the first output spikes), simulated on the grid and exactly, and
 * the relative error of the gradient of the hidden weights, {@code |g_grid - g_exact| / |g_exact|}.
 */
public final class GridError {
  private static final int INPUTS = 5;
  private static final int HIDDEN = 6;
  private static final int OUTPUTS = 3;
  private static final double DURATION = 60;

  private GridError() {}

  /**
   * Errors at one step length over all networks.
   *
   * @param dt step in ms
   * @param lower lower quartile of the relative error of the hidden-weight gradient
   * @param median its median
   * @param upper upper quartile
   * @param lateness mean of t_grid - t_exact over the first spikes of neurons that spike in both,
   *     in ms
   */
  public record Row(double dt, double lower, double median, double upper, double lateness) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%10.4g %10.4f %10.4f %10.4f %12.5f", dt, lower, median, upper, lateness);
    }
  }

  /** Header line of a table of {@link Row}s. */
  public static String title() {
    return String.format(
        Locale.ROOT, "%10s %10s %10s %10s %12s", "dt (ms)", "25 %", "median", "75 %", "delay (ms)");
  }

  /**
   * Measures on a double-precision backend.
   *
   * @param networks number of random networks, at least 1
   * @param seed of the networks, the same ones for every step
   * @param steps lengths of a step in ms
   * @return one row per step length
   */
  public static List<Row> measure(Backend backend, int networks, long seed, double... steps) {
    List<List<Double>> errors = new ArrayList<>();
    double[] late = new double[steps.length];
    int[] spikes = new int[steps.length];
    for (int s = 0; s < steps.length; s++) {
      errors.add(new ArrayList<>());
    }
    SplittableRandom seeds = new SplittableRandom(seed);
    int kept = 0;
    while (kept < networks) {
      try (Trial trial = new Trial(backend, seeds.nextLong())) {
        Pass exact = trial.run(Simulator.exact());
        if (exact.norm() == 0) {
          continue;
        }
        kept++;
        for (int s = 0; s < steps.length; s++) {
          Pass grid = trial.run(Simulator.grid(steps[s]));
          errors.get(s).add(grid.distance(exact) / exact.norm());
          for (int n = 0; n < HIDDEN; n++) {
            double delay = grid.first()[n] - exact.first()[n];
            if (Math.abs(delay) < DURATION) {
              late[s] += delay;
              spikes[s]++;
            }
          }
        }
      }
    }
    List<Row> rows = new ArrayList<>();
    for (int s = 0; s < steps.length; s++) {
      double[] e = errors.get(s).stream().mapToDouble(x -> x).sorted().toArray();
      rows.add(
          new Row(
              steps[s],
              quantile(e, 0.25),
              quantile(e, 0.5),
              quantile(e, 0.75),
              late[s] / Math.max(1, spikes[s])));
    }
    return rows;
  }

  private static double quantile(double[] sorted, double q) {
    double at = q * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /**
   * Prints the table of 40 networks for steps of 1, 0.1 and 0.01 ms, or for those given.
   *
   * @param args lengths of a step in ms
   */
  public static void main(String[] args) {
    double[] steps =
        args.length == 0
            ? new double[] {1, 0.1, 0.01}
            : Arrays.stream(args).mapToDouble(Double::parseDouble).toArray();
    try (Backend java = Backends.open("java")) {
      System.out.println(title());
      measure(java, 40, 1, steps).forEach(System.out::println);
    }
  }

  /** Hidden-weight gradient and first spike times of one pass; infinite where silent. */
  private record Pass(double[] gradient, double[] first) {
    double norm() {
      return distance(new Pass(new double[gradient.length], first));
    }

    double distance(Pass other) {
      double sum = 0;
      for (int k = 0; k < gradient.length; k++) {
        double d = gradient[k] - other.gradient[k];
        sum += d * d;
      }
      return Math.sqrt(sum);
    }
  }

  /** One random network and its input. */
  private static final class Trial implements AutoCloseable {
    private final Resources open = new Resources();
    private final Backend backend;
    private final LifLayer hidden;
    private final LifLayer output;
    private final Spikes input;
    private final DeviceArray label;
    private final DeviceArray loss;
    private final DeviceArray predicted;

    Trial(Backend backend, long seed) {
      this.backend = backend;
      SplittableRandom random = new SplittableRandom(seed);
      hidden = layer(INPUTS, HIDDEN, 3.0, 1.5, random);
      output = layer(HIDDEN, OUTPUTS, 2.0, 1.0, random);
      double[] times = random.doubles(INPUTS, 0, 20).sorted().toArray();
      input =
          open.own(Spikes.inputs(backend, DType.FLOAT64, 1, INPUTS))
              .set(new double[][] {times}, new int[][] {{0, 1, 2, 3, 4}});
      label = open.own(backend.of(new int[] {random.nextInt(OUTPUTS)}));
      loss = open.own(backend.allocate(DType.FLOAT64, 1));
      predicted = open.own(backend.allocate(DType.INT32, 1));
    }

    private LifLayer layer(
        int sources, int targets, double mean, double deviation, SplittableRandom random) {
      double[] weights = new double[sources * targets];
      for (int s = 0; s < weights.length; s++) {
        weights[s] = mean + deviation * gaussian(random);
      }
      DenseSynapses synapses =
          open.own(
              new DenseSynapses(sources, targets, backend.of(weights, sources, targets), null));
      LifParameters lif = open.own(new LifParameters(one(20), one(5), one(1), one(0), one(0)));
      return new LifLayer(synapses, null, lif, DURATION);
    }

    private static double gaussian(SplittableRandom random) {
      return Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
          * Math.cos(2 * Math.PI * random.nextDouble());
    }

    private DeviceArray one(double value) {
      return backend.of(new double[] {value});
    }

    Pass run(Simulator simulator) {
      try (Resources scratch = new Resources()) {
        Spikes middle = scratch.own(simulate(simulator, hidden, input));
        Spikes last = scratch.own(simulate(simulator, output, middle));
        Losses.firstSpike(
            new FirstSpikeLoss(0.5, 6.4, 3e-3, false),
            last,
            label,
            OUTPUTS,
            DURATION,
            loss,
            predicted);
        DeviceArray gradient = scratch.own(like(hidden.input().weights()));
        DeviceArray other = scratch.own(like(output.input().weights()));
        simulator.backward(output, middle, last, LayerGradients.weights(other, null), null);
        simulator.backward(hidden, input, middle, LayerGradients.weights(gradient, null), null);
        double[] first = new double[HIDDEN];
        Arrays.fill(first, Double.POSITIVE_INFINITY);
        double[] times = middle.times().toDoubles();
        int[] units = middle.units().toInts();
        for (int k = middle.largestCount() - 1; k >= 0; k--) {
          first[units[k]] = times[k];
        }
        return new Pass(gradient.toDoubles(), first);
      }
    }

    private Spikes simulate(Simulator simulator, LifLayer layer, Spikes events) {
      return simulator.forwardGrowing(layer, events, Spikes.outputs(backend, DType.FLOAT64, 1, 64));
    }

    private static DeviceArray like(DeviceArray array) {
      return array.backend().allocate(array.type(), array.shape());
    }

    @Override
    public void close() {
      open.close();
    }
  }
}
