package io.tacet.nir;

import io.tacet.files.Suggestion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Nodes and edges of NIR. A node gets the sum of what its edges bring; the nodes of a graph within
 * a graph are nodes of this one, named {@code outer.inner}. Immutable.
 *
 * @param nodes by name, in alphabetical order
 * @param edges each once
 * @param metadata what others may know of it
 */
public record NirGraph(
    Map<String, NirNode> nodes, List<Edge> edges, Map<String, NirValue> metadata) {

  /** What one node gives, another gets. */
  public record Edge(String from, String to) {
    @Override
    public String toString() {
      return from + " -> " + to;
    }
  }

  /**
   * Checks every node and edge.
   *
   * @throws IllegalArgumentException if a field of a node is missing or unknown, has another shape
   *     than it must have, or numbers that are not finite or out of range; if an edge leads from or
   *     to no node, or what a node gives does not fit what the next one gets; the message names the
   *     node
   */
  public NirGraph {
    nodes = Collections.unmodifiableMap(new TreeMap<>(nodes));
    edges = List.copyOf(new LinkedHashSet<>(edges));
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    nodes.forEach(NodeCheck::check);
    for (Edge edge : edges) {
      requireNode(nodes, edge, edge.from());
      requireNode(nodes, edge, edge.to());
    }
    new Shapes(nodes, edges).check();
  }

  private static void requireNode(Map<String, NirNode> nodes, Edge edge, String name) {
    if (!nodes.containsKey(name)) {
      throw new NirProblem(
          "edge "
              + edge
              + ": expected names of nodes, found '"
              + name
              + "', which is none of "
              + nodes.keySet(),
          "Add the node, or leave out the edge." + Suggestion.sentence(name, nodes.keySet()));
    }
  }

  /** Starts a graph. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads a file.
   *
   * @throws io.tacet.files.FileFormatException if it is no such file, is damaged, or does not hold
   *     a graph; the message names file and node
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   */
  public static NirGraph read(Path file) throws IOException {
    return NirReader.read(file);
  }

  /**
   * Writes a file that {@code nir.read} of Python reads, too, replacing one of that name only once
   * the new one is complete.
   *
   * @throws IOException if it cannot be written; a file of that name is then unchanged
   */
  public void write(Path file) throws IOException {
    NirWriter.write(this, file);
  }

  /** Nodes from which edges lead to a node. */
  List<String> sources(String node) {
    return edges.stream().filter(e -> e.to().equals(node)).map(Edge::from).toList();
  }

  /** Collects nodes and edges. */
  public static final class Builder {
    private final Map<String, NirNode> nodes = new LinkedHashMap<>();
    private final LinkedHashSet<Edge> edges = new LinkedHashSet<>();
    private final Map<String, NirValue> metadata = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Adds a node.
     *
     * @throws IllegalArgumentException if there is one of that name
     */
    public Builder node(String name, NirNode node) {
      if (nodes.putIfAbsent(name, node) != null) {
        throw new NirProblem(
            "node '" + name + "': expected each name once, found a second one", "Rename it.");
      }
      return this;
    }

    /** Adds a path along nodes. */
    public Builder path(String... names) {
      for (int k = 1; k < names.length; k++) {
        edges.add(new Edge(names[k - 1], names[k]));
      }
      return this;
    }

    /** Adds an entry of metadata. */
    public Builder metadata(String key, NirValue value) {
      metadata.put(key, value);
      return this;
    }

    /** The graph, checked. */
    public NirGraph build() {
      return new NirGraph(nodes, List.copyOf(edges), metadata);
    }
  }
}
