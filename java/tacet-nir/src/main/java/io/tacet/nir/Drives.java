package io.tacet.nir;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What nodes get of neurons and the input, through linear nodes of any kind. */
final class Drives {
  /** What a node gets: from neurons or the input, by name, and a constant. */
  record Drive(Map<String, LinearMap> from, double[] constant) {}

  private final NirGraph graph;
  private final Shapes shapes;
  private final Map<String, Drive> given = new LinkedHashMap<>();
  private final Set<String> open = new HashSet<>();

  Drives(NirGraph graph, Shapes shapes) {
    this.graph = graph;
    this.shapes = shapes;
  }

  /** What a node gets. */
  Drive of(String name) {
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
      known = made(name, node, of(name));
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
      case SCALE ->
          through(drive, diagonal(Circuit.spread(node.reals("scale"), count), null), null);
      case DELAY -> {
        double[] delays = Circuit.spread(node.reals("delay"), count);
        yield through(drive, diagonal(Circuit.filled(1, count), delays), null);
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

  private NirProblem problem(String name, String problem, String remedy) {
    return NirProblem.of(name, graph.nodes().get(name).kind(), problem, remedy);
  }
}
