package io.tacet.nir;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import io.tacet.checkpoint.TypedArray;
import io.tacet.files.AtomicFile;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes what {@link NirReader} reads. */
final class NirWriter {
  /** Version of NIR whose nodes these are. */
  private static final String VERSION = "1.0";

  private NirWriter() {}

  static void write(NirGraph graph, Path file) throws IOException {
    Path temporary = Files.createTempFile("graph", ".nir");
    try {
      try (WritableHdfFile hdf = HdfFile.write(temporary)) {
        hdf.putDataset("version", VERSION);
        put(graph, hdf.putGroup("node"));
      }
      AtomicFile.write(file, out -> Files.copy(temporary, out));
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void put(NirGraph graph, WritableGroup group) {
    group.putDataset("type", "NIRGraph");
    WritableGroup nodes = group.putGroup("nodes");
    graph.nodes().forEach((name, node) -> put(node, nodes.putGroup(name)));
    String[][] edges =
        graph.edges().stream()
            .map(edge -> new String[] {edge.from(), edge.to()})
            .toArray(String[][]::new);
    group.putDataset("edges", edges);
    putMetadata(graph.metadata(), group);
  }

  private static void put(NirNode node, WritableGroup group) {
    group.putDataset("type", node.kind().type());
    putAll(node.fields(), group);
    putMetadata(node.metadata(), group);
  }

  private static void putMetadata(Map<String, NirValue> metadata, WritableGroup group) {
    if (!metadata.isEmpty()) {
      putAll(metadata, group.putGroup("metadata"));
    }
  }

  private static void putAll(Map<String, NirValue> values, WritableGroup group) {
    values.forEach(
        (name, value) -> {
          if (value instanceof NirValue.Text text) {
            group.putDataset(name, text.text());
          } else if (value instanceof NirValue.Numbers numbers) {
            group.putDataset(name, nested(numbers.array()));
          }
        });
  }

  /** As arrays of arrays, from whose depth the library takes the dimensions. */
  private static Object nested(TypedArray array) {
    List<Integer> shape = array.shape();
    if (shape.isEmpty()) {
      return Array.get(array.array(), 0);
    }
    return nested(array.array(), shape, 0);
  }

  private static Object nested(Object flat, List<Integer> shape, int at) {
    int count = shape.get(0);
    List<Integer> inner = shape.subList(1, shape.size());
    int each = inner.stream().reduce(1, Math::multiplyExact);
    int[] sizes = shape.stream().mapToInt(Integer::intValue).toArray();
    Object array = Array.newInstance(flat.getClass().getComponentType(), sizes);
    if (inner.isEmpty()) {
      System.arraycopy(flat, at, array, 0, count);
      return array;
    }
    for (int k = 0; k < count; k++) {
      Array.set(array, k, nested(flat, inner, at + k * each));
    }
    return array;
  }
}
