package io.tacet.nir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph as a stack of populations of neurons: what lies between two of them, linear nodes of any
 * kind, is one {@link LinearMap}.
 */
final class Circuit {
  /**
   * Neurons of a node.
   *
   * @param name of the node
   * @param count how many
   * @param below what comes from the population below, or the input
   * @param recurrent what comes from themselves; null for none
   * @param constant what comes besides, [count]
   */
  record Population(
      String name,
      NirNode node,
      int count,
      LinearMap below,
      LinearMap recurrent,
      double[] constant) {

    /** The values of a field, one for each neuron. */
    double[] values(String field, double otherwise) {
      return node.has(field) ? spread(node.reals(field), count) : filled(otherwise, count);
    }

    NirProblem problem(String problem, String remedy) {
      return NirProblem.of(name, node.kind(), problem, remedy);
    }
  }

  /** What a node gets: from neurons or the input, by name, and a constant. */
  private record Drive(Map<String, LinearMap> from, double[] constant) {}

  private final NirGraph graph;
  private final Shapes shapes;
  private final Map<String, Drive> given = new LinkedHashMap<>();
  private final Set<String> open = new HashSet<>();

  /** Number of inputs. */
  final int channels;

  /** From the input to the output; none where there are no neurons. */
  final List<Population> populations = new ArrayList<>();

  /** What the output gets of the input where there are no neurons; else null. */
  final LinearMap direct;

  /** What it gets besides, where there are none. */
  final double[] constant;

  Circuit(NirGraph graph) {
    this.graph = graph;
    this.shapes = new Shapes(graph);
    String input = only(NirKind.INPUT);
    String output = only(NirKind.OUTPUT);
    channels = shapes.count(input);
    Map<String, Drive> drives = new LinkedHashMap<>();
    graph
        .nodes()
        .forEach(
            (name, node) -> {
              if (node.kind().isNeuron() || name.equals(output)) {
                drives.put(name, drive(name));
              }
            });
    String top = stack(input, output, drives);
    Drive last = drives.get(output);
    boolean empty = populations.isEmpty();
    direct = empty ? last.from().get(input) : null;
    constant = last.constant();
    if (!empty && !(last.from().get(top).isIdentity() && allZero(constant))) {
      throw problem(
          output,
          "expected the spikes or voltages of '"
              + top
              + "' as they are, found linear nodes between",
          "Put neurons behind them, such as CubaLI.");
    }
  }

  private String only(NirKind kind) {
    List<String> names =
        graph.nodes().keySet().stream().filter(n -> graph.nodes().get(n).kind() == kind).toList();
    if (names.size() != 1) {
      throw new NirProblem(
          "expected one node of type " + kind.type() + ", found " + names,
          "Give the graph one input and one output.");
    }
    return names.get(0);
  }

  /** Orders the populations; returns the last one, or the input where there is none. */
  private String stack(String input, String output, Map<String, Drive> drives) {
    Set<String> left = new HashSet<>(drives.keySet());
    left.remove(output);
    String below = input;
    String next = next(below, drives);
    while (!next.equals(output)) {
      if (!left.remove(next)) {
        throw problem(
            next,
            "expected one path from the input to the output, found a cycle of several neurons"
                + " nodes",
            "Make one node of them, with recurrent weights.");
      }
      populations.add(population(next, below, drives.get(next)));
      below = next;
      next = next(below, drives);
    }
    if (!left.isEmpty()) {
      String other = left.stream().sorted().findFirst().orElseThrow();
      throw problem(
          other,
          "expected to be on the path from the input to the output, found that it is not",
          "Leave it out of the graph, or connect it.");
    }
    return below;
  }

  private String next(String below, Map<String, Drive> drives) {
    List<String> all =
        drives.keySet().stream()
            .filter(name -> !name.equals(below) && drives.get(name).from().containsKey(below))
            .toList();
    if (all.size() != 1) {
      throw problem(
          below,
          "expected to reach one other node of neurons, or the output, found " + all,
          "Tacet's networks are stacks of layers, each recurrent or not.");
    }
    return all.get(0);
  }

  private Population population(String name, String below, Drive drive) {
    Set<String> others = new HashSet<>(drive.from().keySet());
    others.remove(below);
    others.remove(name);
    if (!others.isEmpty()) {
      throw problem(
          name,
          "expected to be reached from '" + below + "' and itself, found " + others + ", too",
          "Tacet's networks are stacks of layers, each recurrent or not.");
    }
    return new Population(
        name,
        graph.nodes().get(name),
        shapes.count(name),
        drive.from().get(below),
        drive.from().get(name),
        drive.constant());
  }

  /** What a node gets. */
  private Drive drive(String name) {
    if (graph.nodes().get(name).kind() == NirKind.INPUT && !graph.sources(name).isEmpty()) {
      throw problem(name, "expected no edge that leads to it, found one", "Leave out the edge.");
    }
    Map<String, LinearMap> from = new LinkedHashMap<>();
    double[] sum = null;
    for (String source : graph.sources(name)) {
      Drive one = given(source);
      one.from().forEach((key, map) -> from.merge(key, map, LinearMap::plus));
      sum = sum == null ? one.constant().clone() : added(sum, one.constant());
    }
    if (sum == null) {
      throw problem(
          name,
          "expected an edge that leads to it, found none",
          "Connect it, or leave it out of the graph.");
    }
    return new Drive(from, sum);
  }

  /** What a node gives: itself if it is of neurons or the input, else what it makes of its own. */
  private Drive given(String name) {
    NirNode node = graph.nodes().get(name);
    int count = shapes.count(name);
    if (node.kind().isNeuron() || node.kind() == NirKind.INPUT) {
      return new Drive(Map.of(name, LinearMap.identity(count)), new double[count]);
    }
    Drive known = given.get(name);
    if (known == null) {
      if (!open.add(name)) {
        throw problem(
            name,
            "expected a neuron in every cycle, found one of linear nodes alone",
            "Break the cycle, or put neurons into it.");
      }
      known = made(name, node, drive(name));
      open.remove(name);
      given.put(name, known);
    }
    return known;
  }

  private Drive made(String name, NirNode node, Drive drive) {
    int count = shapes.count(name);
    return switch (node.kind()) {
      case LINEAR -> through(drive, matrix(node), null);
      case AFFINE -> through(drive, matrix(node), node.reals("bias"));
      case SCALE -> through(drive, diagonal(spread(node.reals("scale"), count), null), null);
      case DELAY -> {
        double[] delays = spread(node.reals("delay"), count);
        yield through(drive, diagonal(filled(1, count), delays), null);
      }
      case CONV1D, CONV2D -> {
        Window window = Window.ofConvolution(name, node, below(name));
        yield through(drive, window.map(), perChannel(node.reals("bias"), window.perChannel()));
      }
      case SUM_POOL_2D, AVG_POOL_2D ->
          through(drive, Window.ofPool(name, node, below(name)).map(), null);
      case FLATTEN -> drive;
      default ->
          throw problem(
              name,
              "expected nodes that neurons or linear maps make up, found one that no network of"
                  + " Tacet computes",
              node.kind() == NirKind.THRESHOLD
                  ? "Use LIF or CubaLIF, which have a threshold of their own."
                  : "Let it be the last node.");
    };
  }

  private static Drive through(Drive drive, LinearMap map, double[] bias) {
    Map<String, LinearMap> from = new LinkedHashMap<>();
    drive.from().forEach((name, one) -> from.put(name, one.then(map)));
    double[] constant = map.applyTo(drive.constant());
    return new Drive(from, bias == null ? constant : added(constant, bias));
  }

  private int[] below(String name) {
    return shapes.of(graph.sources(name).get(0));
  }

  private static LinearMap matrix(NirNode node) {
    int targets = node.array("weight").shape().get(0);
    int sources = node.array("weight").shape().get(1);
    return LinearMap.matrix(node.reals("weight"), targets, sources);
  }

  private static LinearMap diagonal(double[] weights, double[] delays) {
    return LinearMap.diagonal(weights, delays);
  }

  private static double[] perChannel(double[] bias, int each) {
    double[] all = new double[bias.length * each];
    Arrays.setAll(all, k -> bias[k / each]);
    return all;
  }

  private static double[] added(double[] a, double[] b) {
    double[] sum = new double[a.length];
    Arrays.setAll(sum, k -> a[k] + b[k]);
    return sum;
  }

  private static double[] spread(double[] values, int count) {
    return values.length == count ? values : filled(values[0], count);
  }

  static double[] filled(double value, int count) {
    double[] all = new double[count];
    Arrays.fill(all, value);
    return all;
  }

  static boolean allZero(double[] values) {
    return Arrays.stream(values).allMatch(v -> v == 0);
  }

  private NirProblem problem(String name, String problem, String remedy) {
    return NirProblem.of(name, graph.nodes().get(name).kind(), problem, remedy);
  }
}
