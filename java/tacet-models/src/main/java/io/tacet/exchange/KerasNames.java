package io.tacet.exchange;

import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.TypedArray;
import io.tacet.egru.EgruVariant;
import io.tacet.egru.GruWeights;
import io.tacet.files.FileFormatException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The layers in arrays of Keras, by the paths of its variables: {@code GRU}, {@code SimpleRNN},
 * {@code Dense} and {@code Embedding}, such as {@code gru/gru_cell/kernel}. What follows a colon
 * does not count. A GRU has {@code reset_after}, the default, where its bias has two rows.
 */
public final class KerasNames {
  private final NamedArrays arrays;
  private final Map<String, String> names = new LinkedHashMap<>();
  private final Map<String, ModuleWeights> modules = new LinkedHashMap<>();
  private final Set<String> left;

  private KerasNames(NamedArrays arrays) {
    this.arrays = arrays;
    for (String name : arrays.names()) {
      int colon = name.lastIndexOf(':');
      names.put(colon < 0 ? name : name.substring(0, colon), name);
    }
    this.left = new LinkedHashSet<>(names.keySet());
  }

  /**
   * All layers by their path.
   *
   * @throws FileFormatException if an array belongs to none, has another shape than it must have,
   *     or numbers that are not finite
   */
  public static Map<String, ModuleWeights> read(NamedArrays arrays) throws FileFormatException {
    return new KerasNames(arrays).read();
  }

  private Map<String, ModuleWeights> read() throws FileFormatException {
    for (String path : names.keySet()) {
      int at = path.lastIndexOf('/') + 1;
      String module = path.substring(0, at);
      switch (path.substring(at)) {
        case "recurrent_kernel" -> addRecurrent(module);
        case "embeddings" -> addTable(module, path);
        default -> {
          // Found with the others of its layer.
        }
      }
    }
    for (String path : names.keySet()) {
      if (left.contains(path) && (path.equals("kernel") || path.endsWith("/kernel"))) {
        addDense(path.substring(0, path.lastIndexOf('/') + 1));
      }
    }
    if (!left.isEmpty()) {
      throw arrays.problem(
          names.get(left.iterator().next()),
          "a path of a variable of GRU, SimpleRNN, Dense or Embedding of Keras",
          "one that is of none of them; leave it out of the file");
    }
    return modules;
  }

  private void addRecurrent(String module) throws FileFormatException {
    int[] kernel = matrix(module + "kernel");
    int[] square = matrix(module + "recurrent_kernel");
    int units = square[0];
    if (kernel[1] != square[1] || (square[1] != units && square[1] != 3 * units)) {
      throw arrays.problem(
          names.get(module + "recurrent_kernel"),
          "the shape [units][3 units] of a GRU, or [units][units] of a SimpleRNN",
          "[" + units + "][" + square[1] + "]");
    }
    float[] w = take(module + "kernel", kernel);
    float[] r = take(module + "recurrent_kernel", square);
    if (square[1] == units) {
      float[] bias = biased(module) ? take(module + "bias", units) : new float[units];
      modules.put(named(module), new ModuleWeights.Rnn(w, r, bias));
      return;
    }
    boolean after = !biased(module) || array(module + "bias").shape().size() == 2;
    float[] bias = new float[after ? 6 * units : 3 * units];
    if (biased(module)) {
      int[] shape = after ? new int[] {2, 3 * units} : new int[] {3 * units};
      bias = take(module + "bias", shape);
    }
    modules.put(named(module), new ModuleWeights.Gru(GruWeights.fromKeras(w, r, bias, after)));
  }

  private void addDense(String module) throws FileFormatException {
    int[] shape = matrix(module + "kernel");
    float[] weights = take(module + "kernel", shape);
    float[] bias = biased(module) ? take(module + "bias", shape[1]) : new float[shape[1]];
    modules.put(named(module), new ModuleWeights.Linear(weights, bias));
  }

  private void addTable(String module, String path) throws FileFormatException {
    int[] shape = matrix(path);
    modules.put(named(module), new ModuleWeights.Table(take(path, shape), shape[0], shape[1]));
  }

  private static String named(String module) {
    return module.isEmpty() ? "layer" : module.substring(0, module.length() - 1);
  }

  private boolean biased(String module) {
    return names.containsKey(module + "bias");
  }

  private TypedArray array(String path) throws FileFormatException {
    return arrays.get(names.getOrDefault(path, path));
  }

  private int[] matrix(String path) throws FileFormatException {
    List<Integer> shape = array(path).shape();
    if (shape.size() != 2 || shape.contains(0)) {
      throw arrays.problem(names.get(path), "two dimensions of at least 1", "the shape " + shape);
    }
    return new int[] {shape.get(0), shape.get(1)};
  }

  private float[] take(String path, int... shape) throws FileFormatException {
    left.remove(path);
    return arrays.finiteFloats(names.getOrDefault(path, path), shape);
  }

  /** Arrays of layers with the paths and shapes that Keras gives them. */
  public static NamedArrays write(Map<String, ModuleWeights> modules) {
    Map<String, TypedArray> all = new LinkedHashMap<>();
    modules.forEach((name, module) -> put(all, name, module));
    return NamedArrays.of(all);
  }

  private static void put(Map<String, TypedArray> all, String name, ModuleWeights module) {
    int in = module.inputs();
    int out = module.outputs();
    if (module instanceof ModuleWeights.Table table) {
      all.put(name + "/embeddings", TypedArray.of(table.rows(), in, out));
    } else if (module instanceof ModuleWeights.Linear linear) {
      all.put(name + "/kernel", TypedArray.of(linear.weights(), in, out));
      all.put(name + "/bias", TypedArray.of(linear.bias(), out));
    } else if (module instanceof ModuleWeights.Rnn rnn) {
      all.put(name + "/kernel", TypedArray.of(rnn.input(), in, out));
      all.put(name + "/recurrent_kernel", TypedArray.of(rnn.recurrent(), out, out));
      all.put(name + "/bias", TypedArray.of(rnn.bias(), out));
    } else if (module instanceof ModuleWeights.Gru gru) {
      float[][] keras = gru.weights().toKeras();
      boolean after = gru.weights().variant() == EgruVariant.CELL_RESET_AFTER;
      all.put(name + "/kernel", TypedArray.of(keras[0], in, 3 * out));
      all.put(name + "/recurrent_kernel", TypedArray.of(keras[1], out, 3 * out));
      all.put(
          name + "/bias",
          after ? TypedArray.of(keras[2], 2, 3 * out) : TypedArray.of(keras[2], 3 * out));
    }
  }
}
