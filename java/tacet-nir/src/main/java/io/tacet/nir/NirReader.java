package io.tacet.nir;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.tacet.checkpoint.TypedArray;
import io.tacet.files.FileFormatException;
import io.tacet.files.Hdf5;
import io.tacet.files.Suggestion;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a graph from HDF5: a group {@code node} with the text {@code type}, which is NIRGraph, the
 * groups {@code nodes} and the pairs of names {@code edges}. A node is a group of its {@code type}
 * and its fields, or again such a graph.
 */
final class NirReader {
  static final String REMEDY = "Write it again with nir.write, or copy it again.";

  private static final String GRAPH = "NIRGraph";
  private static final int DEEPEST = 16;

  private final Path file;
  private final long bytes;
  private final Map<String, NirNode> nodes = new LinkedHashMap<>();
  private final Set<NirGraph.Edge> edges = new LinkedHashSet<>();

  /** Inputs and outputs of graphs within the graph, by the name of that graph. */
  private final Map<String, List<String>> doors = new LinkedHashMap<>();

  private NirReader(Path file, long bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  static NirGraph read(Path file) throws IOException {
    return Hdf5.read(file, REMEDY, hdf -> new NirReader(file, Files.size(file)).graph(hdf));
  }

  private NirGraph graph(HdfFile hdf) throws IOException {
    Group top = group(hdf, "node", "file");
    String type = text(top, "type", "node");
    if (!type.equals(GRAPH)) {
      throw bad("expected a node of type " + GRAPH + " in the file, found '" + type + "'");
    }
    addGraph(top, "", 0);
    doors.values().forEach(all -> all.forEach(this::remove));
    try {
      return new NirGraph(nodes, List.copyOf(edges), metadata(top));
    } catch (NirProblem problem) {
      throw problem.in(file);
    }
  }

  /**
   * Adds the nodes of a graph, which is within another one where the prefix is not empty.
   *
   * @return names of its inputs and outputs
   */
  private List<String> addGraph(Group group, String prefix, int depth) throws IOException {
    String what = prefix.isEmpty() ? "graph" : "graph '" + prefix + "'";
    if (depth > DEEPEST) {
      throw bad("expected graphs within graphs up to a depth of " + DEEPEST + ", found more");
    }
    List<String> own = new ArrayList<>();
    Group all = group(group, "nodes", what);
    for (Map.Entry<String, Node> child : all.getChildren().entrySet()) {
      String name = prefix + child.getKey();
      if (!(child.getValue() instanceof Group fields)) {
        throw bad("node '" + name + "': expected a group of fields, found " + child.getValue());
      }
      if (text(fields, "type", "node '" + name + "'").equals(GRAPH)) {
        doors.put(name, addGraph(fields, name + ".", depth + 1));
      } else {
        NirNode node = node(name, fields);
        nodes.put(name, node);
        if (node.kind() == NirKind.INPUT || node.kind() == NirKind.OUTPUT) {
          own.add(name);
        }
      }
    }
    addEdges(group, prefix, what);
    return own;
  }

  /** Removes a node within a graph that only lets through: edges lead past it. */
  private void remove(String door) {
    List<NirGraph.Edge> before = edges.stream().filter(e -> e.to().equals(door)).toList();
    List<NirGraph.Edge> behind = edges.stream().filter(e -> e.from().equals(door)).toList();
    for (NirGraph.Edge first : before) {
      for (NirGraph.Edge second : behind) {
        edges.add(new NirGraph.Edge(first.from(), second.to()));
      }
    }
    edges.removeIf(e -> e.from().equals(door) || e.to().equals(door));
    nodes.remove(door);
  }

  private NirNode node(String name, Group group) throws IOException {
    String what = "node '" + name + "'";
    String type = text(group, "type", what);
    NirKind kind =
        NirKind.of(type)
            .orElseThrow(
                () ->
                    new FileFormatException(
                        file,
                        what
                            + ": expected a type that is known, one of "
                            + NirKind.types()
                            + ", found '"
                            + type
                            + "'",
                        "Make the graph of these." + Suggestion.sentence(type, NirKind.types())));
    Map<String, NirValue> fields = new LinkedHashMap<>();
    for (Map.Entry<String, Node> child : group.getChildren().entrySet()) {
      String field = child.getKey();
      if (!field.equals("type") && !field.equals("metadata")) {
        fields.put(field, value(child.getValue(), what, field));
      }
    }
    return new NirNode(kind, fields, metadata(group));
  }

  private Map<String, NirValue> metadata(Group group) throws IOException {
    Map<String, NirValue> metadata = new LinkedHashMap<>();
    if (group.getChildren().get("metadata") instanceof Group entries) {
      for (Map.Entry<String, Node> child : entries.getChildren().entrySet()) {
        metadata.put(child.getKey(), value(child.getValue(), "metadata", child.getKey()));
      }
    }
    return metadata;
  }

  private void addEdges(Group group, String prefix, String what) throws IOException {
    Object data = data(group.getChildren().get("edges"), what, "edges");
    if (Array.getLength(data) == 0) {
      return;
    }
    if (!(data instanceof Object[] names) || names.length % 2 != 0) {
      throw bad(what + ": expected pairs of names in 'edges', found others");
    }
    for (int k = 0; k < names.length; k += 2) {
      addEdge(prefix + names[k], prefix + names[k + 1], what);
    }
  }

  /** An edge to or from a graph within leads to its input, or from its output. */
  private void addEdge(String from, String to, String what) throws IOException {
    NirGraph.Edge edge =
        new NirGraph.Edge(door(from, NirKind.OUTPUT, what), door(to, NirKind.INPUT, what));
    if (!edges.add(edge)) {
      throw bad(what + ": expected each edge once, found " + edge + " twice");
    }
  }

  private String door(String name, NirKind kind, String what) throws IOException {
    if (!doors.containsKey(name)) {
      return name;
    }
    List<String> fitting =
        doors.get(name).stream().filter(door -> nodes.get(door).kind() == kind).toList();
    if (fitting.size() != 1) {
      throw bad(
          what
              + ": expected one node of type "
              + kind.type()
              + " in the graph '"
              + name
              + "', found "
              + fitting);
    }
    return fitting.get(0);
  }

  private Group group(Group parent, String name, String what) throws IOException {
    if (parent.getChildren().get(name) instanceof Group group) {
      return group;
    }
    throw bad(what + ": expected a group '" + name + "', found " + parent.getChildren().keySet());
  }

  private String text(Group parent, String name, String what) throws IOException {
    if (value(parent.getChildren().get(name), what, name) instanceof NirValue.Text text) {
      return text.text();
    }
    throw bad(what + ": expected text in '" + name + "', found numbers");
  }

  private NirValue value(Node node, String what, String field) throws IOException {
    Object data = data(node, what, field);
    if (data instanceof String[] texts && texts.length == 1) {
      return new NirValue.Text(texts[0]);
    }
    int[] shape = ((Dataset) node).getDimensions();
    TypedArray array =
        data instanceof float[] floats
            ? TypedArray.of(floats)
            : data instanceof double[] doubles
                ? TypedArray.of(doubles)
                : data instanceof int[] ints
                    ? TypedArray.of(ints)
                    : data instanceof long[] longs ? TypedArray.of(longs) : null;
    if (array == null) {
      throw bad(
          what
              + ": expected numbers or one text in '"
              + field
              + "', found "
              + data.getClass().getSimpleName());
    }
    return new NirValue.Numbers(
        new TypedArray(array.type(), Arrays.stream(shape).boxed().toList(), array.array()));
  }

  /** The elements as a flat array: String[], float[], double[], int[] or long[], or another. */
  private Object data(Node node, String what, String field) throws IOException {
    if (node == null) {
      throw bad(what + ": expected a field '" + field + "', found none");
    }
    if (!(node instanceof Dataset dataset) || dataset.isCompound()) {
      throw bad(what + ": expected numbers or text in '" + field + "', found " + node.getType());
    }
    if (dataset.isEmpty() || dataset.getSize() == 0) {
      return new float[0];
    }
    String problem = Hdf5.problem(dataset, bytes);
    if (!problem.isEmpty()) {
      throw bad(what + ": '" + field + "': " + problem);
    }
    return flat(dataset);
  }

  private static Object flat(Dataset dataset) {
    Object data = dataset.getDataFlat();
    if (!data.getClass().isArray()) {
      Object one = Array.newInstance(primitive(data), 1);
      Array.set(one, 0, data);
      data = one;
    }
    if (data instanceof short[] || data instanceof byte[]) {
      int[] wide = new int[Array.getLength(data)];
      for (int k = 0; k < wide.length; k++) {
        wide[k] = Array.getInt(data, k);
      }
      return wide;
    }
    return data;
  }

  private static Class<?> primitive(Object boxed) {
    if (boxed instanceof Float) {
      return float.class;
    }
    if (boxed instanceof Double) {
      return double.class;
    }
    if (boxed instanceof Long) {
      return long.class;
    }
    if (boxed instanceof Integer || boxed instanceof Short || boxed instanceof Byte) {
      return int.class;
    }
    return boxed.getClass();
  }

  private FileFormatException bad(String problem) {
    return new FileFormatException(file, problem, REMEDY);
  }
}
