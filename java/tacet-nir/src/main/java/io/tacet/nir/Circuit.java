package io.tacet.nir;

import io.tacet.nir.Drives.Drive;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A graph as a stack of layers of neurons: what lies between two of them, linear nodes of any kind,
 * is one {@link LinearMap}. Neurons of several nodes that reach one another are one layer.
 */
final class Circuit {
  /**
   * Neurons of a node.
   *
   * @param name of the node
   * @param count how many
   * @param constant what they get besides spikes, [count]
   * @param currents nodes of LI whose voltages are nothing but currents into these neurons: the
   *     first gets the spikes, each other what the one before gives, and the neurons the last
   */
  record Population(
      String name, NirNode node, int count, double[] constant, List<NirNode> currents) {

    /** The values of a field, one for each neuron. */
    double[] values(String field, double otherwise) {
      return values(node, field, otherwise);
    }

    /** The same of one of the currents. */
    double[] values(NirNode from, String field, double otherwise) {
      return from.has(field) ? spread(from.reals(field), count) : filled(otherwise, count);
    }

    NirProblem problem(String problem, String remedy) {
      return NirProblem.of(name, node.kind(), problem, remedy);
    }
  }

  /**
   * Populations that reach one another, or one.
   *
   * @param populations in alphabetical order, their neurons one after the other
   * @param below what comes from the layer below, or the input
   * @param recurrent what comes from themselves; null for none
   */
  record Layer(List<Population> populations, LinearMap below, LinearMap recurrent) {
    Population first() {
      return populations.get(0);
    }
  }

  private final NirGraph graph;
  private final Shapes shapes;
  private final Map<String, Deque<NirNode>> currents = new LinkedHashMap<>();

  /** Number of inputs. */
  final int channels;

  /** From the input to the output; none where there are no neurons. */
  final List<Layer> layers = new ArrayList<>();

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
    Drives linear = new Drives(graph, shapes);
    Map<String, Drive> drives = new LinkedHashMap<>();
    graph
        .nodes()
        .forEach(
            (name, node) -> {
              if (node.kind().isNeuron() || name.equals(output)) {
                drives.put(name, linear.of(name));
              }
            });
    for (String name : List.copyOf(drives.keySet())) {
      if (graph.nodes().get(name).kind().spikes()) {
        takeCurrents(name, drives);
      }
    }
    List<String> top = stack(input, output, drives);
    Drive last = drives.get(output);
    direct = layers.isEmpty() ? last.from().get(input) : null;
    constant = last.constant();
    if (!layers.isEmpty()) {
      requireTop(output, top, last);
    }
  }

  /** Makes the nodes of LI that are nothing but currents into some neurons part of these. */
  private void takeCurrents(String name, Map<String, Drive> drives) {
    Deque<NirNode> taken = new ArrayDeque<>();
    currents.put(name, taken);
    for (String current = current(name, drives); current != null; ) {
      Drive before = drives.remove(current);
      if (!allZero(before.constant())) {
        throw problem(
            current,
            "expected no bias in front of a synaptic current, found one; it would act at once, and"
                + " not as fast as the current rises",
            "Move it to v_leak of the neurons.");
      }
      taken.addFirst(graph.nodes().get(current));
      drives.put(name, new Drive(before.from(), drives.get(name).constant()));
      current = current(name, drives);
    }
  }

  /** The node of LI that alone drives a node, as it is, and nothing else; null if there is none. */
  private String current(String name, Map<String, Drive> drives) {
    Map<String, LinearMap> from = drives.get(name).from();
    String only = from.size() == 1 ? from.keySet().iterator().next() : null;
    boolean alone =
        only != null
            && graph.nodes().get(only).kind() == NirKind.LI
            && from.get(only).isIdentity()
            && drives.values().stream().filter(d -> d.from().containsKey(only)).count() == 1;
    return alone ? only : null;
  }

  private void requireTop(String output, List<String> top, Drive last) {
    if (top.size() > 1) {
      throw problem(
          output,
          "expected neurons of one node on top, found a cycle of " + top,
          "Put neurons behind them, such as CubaLI.");
    }
    if (!(last.from().get(top.get(0)).isIdentity() && allZero(last.constant()))) {
      throw problem(
          output,
          "expected the spikes or voltages of '"
              + top.get(0)
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

  /** Orders the layers; returns the nodes of the last one, or the input where there is none. */
  private List<String> stack(String input, String output, Map<String, Drive> drives) {
    Set<String> left = new TreeSet<>(drives.keySet());
    left.remove(output);
    List<String> below = List.of(input);
    String next = next(below, drives);
    while (!next.equals(output)) {
      List<String> cycle = cycle(next, drives);
      left.removeAll(cycle);
      layers.add(layer(cycle, below, drives));
      below = cycle;
      next = next(below, drives);
    }
    if (!left.isEmpty()) {
      throw problem(
          left.iterator().next(),
          "expected to be on the path from the input to the output, found that it is not",
          "Leave it out of the graph, or connect it.");
    }
    return below;
  }

  /** The one layer that is reached from another, by one of its nodes; or the output. */
  private String next(List<String> below, Map<String, Drive> drives) {
    Set<List<String>> all = new LinkedHashSet<>();
    drives.forEach(
        (name, drive) -> {
          if (!below.contains(name) && below.stream().anyMatch(drive.from()::containsKey)) {
            all.add(cycle(name, drives));
          }
        });
    if (all.size() != 1) {
      List<String> names = all.stream().flatMap(List::stream).toList();
      throw problem(
          below.get(0),
          "expected to reach one other node of neurons, or the output, found " + names,
          "Tacet's networks are stacks of layers, each recurrent or not.");
    }
    return all.iterator().next().get(0);
  }

  /** The nodes that reach a node and are reached from it, and the node itself. */
  private static List<String> cycle(String name, Map<String, Drive> drives) {
    Set<String> above = new TreeSet<>();
    for (String other : drives.keySet()) {
      if (other.equals(name) || (reaches(name, other, drives) && reaches(other, name, drives))) {
        above.add(other);
      }
    }
    return List.copyOf(above);
  }

  private static boolean reaches(String from, String to, Map<String, Drive> drives) {
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(to));
    while (!open.isEmpty()) {
      String at = open.pop();
      for (String source :
          drives.containsKey(at) ? drives.get(at).from().keySet() : Set.<String>of()) {
        if (source.equals(from)) {
          return true;
        }
        if (seen.add(source)) {
          open.push(source);
        }
      }
    }
    return false;
  }

  private Layer layer(List<String> names, List<String> below, Map<String, Drive> drives) {
    List<Population> populations = new ArrayList<>();
    for (String name : names) {
      Drive drive = drives.get(name);
      Set<String> others = new TreeSet<>(drive.from().keySet());
      others.removeAll(below);
      others.removeAll(names);
      if (!others.isEmpty()) {
        throw problem(
            name,
            "expected to be reached from "
                + below
                + " and "
                + names
                + ", found "
                + others
                + ", too",
            "Tacet's networks are stacks of layers, each recurrent or not.");
      }
      NirNode node = graph.nodes().get(name);
      if (names.size() > 1 && !node.kind().spikes()) {
        throw problem(
            name,
            "expected neurons that spike in the cycle of " + names + ", found others",
            "Use LIF or CubaLIF.");
      }
      List<NirNode> before = List.copyOf(currents.getOrDefault(name, new ArrayDeque<>()));
      populations.add(new Population(name, node, shapes.count(name), drive.constant(), before));
    }
    return new Layer(populations, between(below, names, drives), between(names, names, drives));
  }

  /** What goes from the neurons of some nodes, one after the other, to those of others. */
  private LinearMap between(List<String> from, List<String> to, Map<String, Drive> drives) {
    int sources = from.stream().mapToInt(shapes::count).sum();
    int targets = to.stream().mapToInt(shapes::count).sum();
    LinearMap all = null;
    int firstTarget = 0;
    for (String target : to) {
      int firstSource = 0;
      for (String source : from) {
        LinearMap map = drives.get(target).from().get(source);
        if (map != null) {
          LinearMap part = map.within(sources, firstSource, targets, firstTarget);
          all = all == null ? part : all.plus(part);
        }
        firstSource += shapes.count(source);
      }
      firstTarget += shapes.count(target);
    }
    return all;
  }

  static double[] spread(double[] values, int count) {
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
