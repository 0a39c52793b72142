package io.tacet.nir;

import io.tacet.checkpoint.TypedArray;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The shapes of what nodes give. */
final class Shapes {
  private static final int MOST_ELEMENTS = 1 << 28;

  private final Map<String, NirNode> nodes;
  private final List<NirGraph.Edge> edges;
  private final Map<String, int[]> known = new LinkedHashMap<>();
  private final Set<String> open = new HashSet<>();

  Shapes(Map<String, NirNode> nodes, List<NirGraph.Edge> edges) {
    this.nodes = nodes;
    this.edges = edges;
  }

  Shapes(NirGraph graph) {
    this(graph.nodes(), graph.edges());
  }

  /** Number of elements that a node gives. */
  int count(String name) {
    return product(of(name));
  }

  /**
   * Shape of what a node gives.
   *
   * @throws NirProblem if it cannot be known, or does not fit what the node gets
   */
  int[] of(String name) {
    int[] shape = known.get(name);
    if (shape == null) {
      if (!open.add(name)) {
        throw problem(
            name,
            "expected a shape, found a cycle of nodes that all take theirs from another",
            "Give the parameters of a neuron in it one number for each neuron.");
      }
      shape = compute(name);
      open.remove(name);
      if (product(shape) > MOST_ELEMENTS) {
        throw problem(
            name,
            "expected up to " + MOST_ELEMENTS + " elements, found " + Arrays.toString(shape),
            "Check its shape.");
      }
      known.put(name, shape);
    }
    return shape;
  }

  private int[] compute(String name) {
    NirNode node = nodes.get(name);
    return switch (node.kind()) {
      case INPUT -> node.integers("shape");
      case OUTPUT -> node.integers("shape");
      case AFFINE, LINEAR -> new int[] {node.array("weight").shape().get(0)};
      case CONV1D, CONV2D -> Window.ofConvolution(name, node, below(name)).outputShape();
      case SUM_POOL_2D, AVG_POOL_2D -> Window.ofPool(name, node, below(name)).outputShape();
      case FLATTEN -> flat(node, below(name));
      default -> ofFields(name, node);
    };
  }

  /** Shape of what a node gets, which its own fields do not say. */
  private int[] below(String name) {
    for (NirGraph.Edge edge : edges) {
      if (edge.to().equals(name)) {
        return of(edge.from());
      }
    }
    throw problem(
        name,
        "expected an edge that leads to it, found none",
        "Connect it, or leave it out of the graph.");
  }

  /** That of the field with most elements; that of the node below where all have one. */
  private int[] ofFields(String name, NirNode node) {
    for (String field : node.fields().keySet()) {
      TypedArray array = node.array(field);
      if (array.length() > 1) {
        return array.shape().stream().mapToInt(Integer::intValue).toArray();
      }
    }
    for (NirGraph.Edge edge : edges) {
      if (edge.to().equals(name) && !open.contains(edge.from())) {
        return of(edge.from());
      }
    }
    return new int[] {1};
  }

  private static int[] flat(NirNode node, int[] from) {
    int rank = from.length;
    int start = node.integers("start_dim")[0];
    int end = node.integers("end_dim")[0];
    start = start < 0 ? start + rank : start;
    end = end < 0 ? end + rank : end;
    if (start < 0 || start > end || end >= rank) {
      // Written for data with the batch as a first dimension: all of what there is becomes one.
      return new int[] {product(from)};
    }
    int[] to = new int[rank - (end - start)];
    System.arraycopy(from, 0, to, 0, start);
    to[start] = product(Arrays.copyOfRange(from, start, end + 1));
    System.arraycopy(from, end + 1, to, start + 1, rank - end - 1);
    return to;
  }

  /** Checks that along every edge as many elements are given as are got. */
  void check() {
    for (String name : nodes.keySet()) {
      of(name);
    }
    for (NirGraph.Edge edge : edges) {
      int given = count(edge.from());
      int got = got(edge.to());
      if (given != got) {
        throw new NirProblem(
            "edge "
                + edge
                + ": expected "
                + got
                + " elements, as '"
                + edge.to()
                + "' takes, found "
                + given
                + ", the shape "
                + Arrays.toString(of(edge.from())),
            "Check the shapes of both nodes.");
      }
    }
  }

  private int got(String name) {
    NirNode node = nodes.get(name);
    return switch (node.kind()) {
      case AFFINE, LINEAR -> node.array("weight").shape().get(1);
      case CONV1D, CONV2D -> Window.ofConvolution(name, node, below(name)).inputs();
      case SUM_POOL_2D, AVG_POOL_2D -> Window.ofPool(name, node, below(name)).inputs();
      default -> count(name);
    };
  }

  static int product(int[] shape) {
    long product = 1;
    for (int size : shape) {
      product *= size;
      if (product > Integer.MAX_VALUE) {
        return Integer.MAX_VALUE;
      }
    }
    return (int) product;
  }

  private NirProblem problem(String name, String problem, String remedy) {
    return NirProblem.of(name, nodes.get(name).kind(), problem, remedy);
  }
}
