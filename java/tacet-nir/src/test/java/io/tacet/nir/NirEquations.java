package io.tacet.nir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The equations of NIR, solved straight from a graph in double precision and in seconds: between
 * spikes by the exact exponentials, spike times of currents by bisection. What networks are
 * compared with; it shares nothing with how they are made.
 */
final class NirEquations {
  /** A spike of a neuron of a node, at a time in s. */
  record Spike(double time, int neuron) {}

  /** What reaches a node: added to its current. */
  private record Arrival(double time, String node, double[] amount) {}

  private static final double SLICE = 2e-6;

  private final NirGraph graph;
  private final double pulse;
  private final Map<String, double[]> v = new LinkedHashMap<>();
  private final Map<String, double[]> current = new LinkedHashMap<>();
  private final Map<String, List<Spike>> spikes = new LinkedHashMap<>();
  private final Map<String, double[]> fields = new HashMap<>();
  private final Map<String, Double> highest = new LinkedHashMap<>();
  private final PriorityQueue<Arrival> arrivals =
      new PriorityQueue<>(Comparator.comparingDouble(Arrival::time));

  NirEquations(NirGraph graph, double pulseInSeconds) {
    this.graph = graph;
    this.pulse = pulseInSeconds;
    graph
        .nodes()
        .forEach(
            (name, node) -> {
              if (node.kind().isNeuron()) {
                int count = 1;
                for (String field : node.fields().keySet()) {
                  count = Math.max(count, node.reals(field).length);
                }
                v.put(name, new double[count]);
                current.put(name, new double[count]);
                spikes.put(name, new ArrayList<>());
              }
            });
  }

  /** Spikes of a node so far. */
  List<Spike> spikes(String node) {
    return spikes.get(node);
  }

  /** Largest V of a neuron of a node so far. */
  double highest(String node, int neuron) {
    return highest.getOrDefault(node + neuron, 0.0);
  }

  // Continuous time, for graphs of CubaLIF, CubaLI, Linear and Delay.

  /** Simulates spikes of the input until the end. */
  void simulate(String input, List<Spike> of, int channels, double end) {
    for (Spike spike : of) {
      double[] one = new double[channels];
      one[spike.neuron()] = 1;
      send(input, one, spike.time());
    }
    double now = 0;
    while (now < end) {
      double next = Math.min(end, now + SLICE);
      if (!arrivals.isEmpty()) {
        next = Math.min(next, arrivals.peek().time());
      }
      now = advance(now, next);
      while (!arrivals.isEmpty() && arrivals.peek().time() <= now) {
        Arrival arrival = arrivals.poll();
        double[] i = current.get(arrival.node());
        for (int k = 0; k < i.length; k++) {
          i[k] += arrival.amount()[k];
        }
      }
    }
  }

  /** Advances to the first crossing, or to {@code next}; returns when that is. */
  private double advance(double now, double next) {
    String first = null;
    int neuron = -1;
    double when = next;
    for (String name : v.keySet()) {
      if (!graph.nodes().get(name).kind().spikes()) {
        continue;
      }
      double threshold = 0;
      for (int k = 0; k < v.get(name).length; k++) {
        threshold = field(name, "v_threshold", k, 1);
        if (voltage(name, k, when - now) > threshold) {
          double low = 0;
          double high = when - now;
          for (int step = 0; step < 80; step++) {
            double middle = 0.5 * (low + high);
            if (voltage(name, k, middle) > threshold) {
              high = middle;
            } else {
              low = middle;
            }
          }
          first = name;
          neuron = k;
          when = now + high;
        }
      }
    }
    for (String name : v.keySet()) {
      double[] volts = v.get(name);
      double[] amps = current.get(name);
      for (int k = 0; k < volts.length; k++) {
        double after = voltage(name, k, when - now);
        amps[k] *= Math.exp(-(when - now) / field(name, "tau_syn", k, 1));
        volts[k] = after;
        highest.merge(name + k, after, Math::max);
      }
    }
    if (first != null) {
      spikes.get(first).add(new Spike(when, neuron));
      v.get(first)[neuron] = field(first, "v_reset", neuron, 0);
      double[] one = new double[v.get(first).length];
      one[neuron] = 1;
      send(first, one, when);
    }
    return when;
  }

  /** V after a span: tau_mem v' = v_leak - v + r i, tau_syn i' = -i. */
  private double voltage(String name, int k, double span) {
    double tm = field(name, "tau_mem", k, 1);
    double ts = field(name, "tau_syn", k, 1);
    double leak = field(name, "v_leak", k, 0);
    double a = Math.exp(-span / tm);
    double b = Math.exp(-span / ts);
    double drive = field(name, "r", k, 1) * current.get(name)[k];
    double response = tm == ts ? span / tm * a : ts / (tm - ts) * (a - b);
    return leak + (v.get(name)[k] - leak) * a + drive * response;
  }

  /** Lets what a node gives reach the neurons behind it. */
  private void send(String from, double[] values, double time) {
    for (NirGraph.Edge edge : graph.edges()) {
      if (!edge.from().equals(from)) {
        continue;
      }
      NirNode node = graph.nodes().get(edge.to());
      switch (node.kind()) {
        case OUTPUT -> {
          // The end.
        }
        case CUBA_LIF, CUBA_LI -> {
          double[] amount = new double[values.length];
          for (int k = 0; k < values.length; k++) {
            double tauSyn = field(edge.to(), "tau_syn", k, 1);
            amount[k] = field(edge.to(), "w_in", k, 1) * values[k] * pulse / tauSyn;
          }
          arrivals.add(new Arrival(time, edge.to(), amount));
        }
        case DELAY -> {
          for (int k = 0; k < values.length; k++) {
            if (values[k] != 0) {
              double[] one = new double[values.length];
              one[k] = values[k];
              send(edge.to(), one, time + field(edge.to(), "delay", k, 0));
            }
          }
        }
        default -> send(edge.to(), linear(node, values, new int[] {values.length}), time);
      }
    }
  }

  private double field(String name, String field, int k, double otherwise) {
    double[] values =
        fields.computeIfAbsent(
            name + "/" + field,
            key -> {
              NirNode node = graph.nodes().get(name);
              return node.has(field) ? node.reals(field) : new double[] {otherwise};
            });
    return values.length == 1 ? values[0] : values[k];
  }

  // Steps, for chains of LIF, IF and linear nodes: spikes of a step come together at its end.

  /**
   * Simulates frames of input spikes along a chain of nodes.
   *
   * @param chain names from behind the input to the last neurons
   * @return per node of neurons a list of spikes whose time is the number of the step
   */
  Map<String, List<Spike>> simulate(
      List<String> chain, int[] inputShape, double[][] frames, double dt) {
    for (int step = 0; step < frames.length; step++) {
      double[] x = frames[step];
      int[] shape = inputShape;
      for (String name : chain) {
        NirNode node = graph.nodes().get(name);
        if (node.kind().isNeuron()) {
          x = jump(name, x, step, dt);
        } else {
          double[] y = linear(node, x, shape);
          shape = shape(node, shape);
          x = y;
        }
      }
    }
    return spikes;
  }

  private double[] jump(String name, double[] x, int step, double dt) {
    if (v.get(name).length != x.length) {
      v.put(name, new double[x.length]);
    }
    double[] volts = v.get(name);
    double[] out = new double[x.length];
    boolean leaks = graph.nodes().get(name).has("tau");
    for (int k = 0; k < x.length; k++) {
      double r = field(name, "r", k, 1);
      if (leaks) {
        double tau = field(name, "tau", k, 1);
        double leak = field(name, "v_leak", k, 0);
        volts[k] = leak + (volts[k] - leak) * Math.exp(-dt / tau) + r * x[k] * pulse / tau;
      } else {
        volts[k] += r * x[k];
      }
      if (volts[k] > field(name, "v_threshold", k, 1)) {
        volts[k] = field(name, "v_reset", k, 0);
        out[k] = 1;
        spikes.get(name).add(new Spike(step, k));
      }
    }
    return out;
  }

  // Linear nodes, without their biases.

  static double[] linear(NirNode node, double[] x, int[] shape) {
    return switch (node.kind()) {
      case LINEAR, AFFINE -> {
        double[] weight = node.reals("weight");
        double[] y = new double[weight.length / x.length];
        for (int t = 0; t < y.length; t++) {
          for (int s = 0; s < x.length; s++) {
            y[t] += weight[t * x.length + s] * x[s];
          }
        }
        yield y;
      }
      case SCALE -> {
        double[] scale = node.reals("scale");
        double[] y = x.clone();
        for (int k = 0; k < y.length; k++) {
          y[k] *= scale[scale.length == 1 ? 0 : k];
        }
        yield y;
      }
      case FLATTEN -> x;
      case CONV1D, CONV2D -> convolution(node, x, shape);
      case SUM_POOL_2D, AVG_POOL_2D -> pool(node, x, shape);
      default -> throw new IllegalStateException(node.kind().type());
    };
  }

  static int[] shape(NirNode node, int[] shape) {
    return switch (node.kind()) {
      case LINEAR, AFFINE -> new int[] {node.array("weight").shape().get(0)};
      case FLATTEN -> new int[] {Arrays.stream(shape).reduce(1, (a, b) -> a * b)};
      case CONV1D -> {
        int channels = node.array("weight").shape().get(0);
        yield new int[] {channels, extent(node, 0, shape[1], node.array("weight").shape().get(2))};
      }
      case CONV2D -> {
        List<Integer> kernel = node.array("weight").shape();
        yield new int[] {
          kernel.get(0),
          extent(node, 0, shape[1], kernel.get(2)),
          extent(node, 1, shape[2], kernel.get(3))
        };
      }
      case SUM_POOL_2D, AVG_POOL_2D -> {
        double[] kernel = node.reals("kernel_size");
        yield new int[] {
          shape[0],
          extent(node, 0, shape[1], (int) kernel[0]),
          extent(node, 1, shape[2], (int) kernel[kernel.length - 1])
        };
      }
      default -> shape;
    };
  }

  private static int at(NirNode node, String field, int d, int otherwise) {
    if (!(node.fields().get(field) instanceof NirValue.Numbers)) {
      return otherwise;
    }
    double[] values = node.reals(field);
    return (int) values[values.length == 1 ? 0 : d];
  }

  private static int before(NirNode node, int d, int kernel) {
    if (node.fields().get("padding") instanceof NirValue.Text text) {
      return text.text().equals("same") ? at(node, "dilation", d, 1) * (kernel - 1) / 2 : 0;
    }
    return at(node, "padding", d, 0);
  }

  private static int extent(NirNode node, int d, int in, int kernel) {
    if (node.fields().get("padding") instanceof NirValue.Text text && text.text().equals("same")) {
      return in;
    }
    int reach = at(node, "dilation", d, 1) * (kernel - 1) + 1;
    return (in + 2 * before(node, d, kernel) - reach) / at(node, "stride", d, 1) + 1;
  }

  private static double[] convolution(NirNode node, double[] x, int[] shape) {
    List<Integer> size = node.array("weight").shape();
    double[] weight = node.reals("weight");
    boolean flat = node.kind() == NirKind.CONV1D;
    int kh = flat ? 1 : size.get(2);
    int kw = size.get(size.size() - 1);
    int h = flat ? 1 : shape[1];
    int w = shape[shape.length - 1];
    int[] out = shape(node, shape);
    int oh = flat ? 1 : out[1];
    int ow = out[out.length - 1];
    int last = flat ? 0 : 1;
    int perGroup = size.get(1);
    int group = size.get(0) / (int) node.reals("groups")[0];
    int[] rows = positions(node, 0, oh, kh);
    int[] columns = positions(node, last, ow, kw);
    double[] y = new double[size.get(0) * oh * ow];
    for (int o = 0; o < y.length; o++) {
      int co = o / (oh * ow);
      for (int ci = 0; ci < perGroup; ci++) {
        for (int ky = 0; ky < kh; ky++) {
          for (int kx = 0; kx < kw; kx++) {
            int iy = flat ? 0 : rows[o / ow % oh * kh + ky];
            int ix = columns[o % ow * kw + kx];
            if (iy >= 0 && iy < h && ix >= 0 && ix < w) {
              int from = ((co / group * perGroup + ci) * h + iy) * w + ix;
              y[o] += weight[((co * perGroup + ci) * kh + ky) * kw + kx] * x[from];
            }
          }
        }
      }
    }
    return y;
  }

  /** Where each tap of each output lies in a dimension of the input. */
  private static int[] positions(NirNode node, int d, int out, int kernel) {
    int[] all = new int[out * kernel];
    Arrays.setAll(all, k -> position(node, d, k / kernel, k % kernel, kernel));
    return all;
  }

  private static int position(NirNode node, int d, int out, int tap, int kernel) {
    return out * at(node, "stride", d, 1)
        - before(node, d, kernel)
        + tap * at(node, "dilation", d, 1);
  }

  private static double[] pool(NirNode node, double[] x, int[] shape) {
    int kh = at(node, "kernel_size", 0, 1);
    int kw = at(node, "kernel_size", 1, 1);
    int[] out = shape(node, shape);
    int[] rows = positions(node, 0, out[1], kh);
    int[] columns = positions(node, 1, out[2], kw);
    double[] y = new double[out[0] * out[1] * out[2]];
    for (int o = 0; o < y.length; o++) {
      int c = o / (out[1] * out[2]);
      for (int k = 0; k < kh * kw; k++) {
        int iy = rows[o / out[2] % out[1] * kh + k / kw];
        int ix = columns[o % out[2] * kw + k % kw];
        if (iy >= 0 && iy < shape[1] && ix >= 0 && ix < shape[2]) {
          y[o] += x[(c * shape[1] + iy) * shape[2] + ix];
        }
      }
      if (node.kind() == NirKind.AVG_POOL_2D) {
        y[o] /= kh * kw;
      }
    }
    return y;
  }
}
