package io.tacet.exchange;

import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.TypedArray;
import io.tacet.files.FileFormatException;
import io.tacet.network.GruExchange;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The modules in a {@code state_dict} of PyTorch, by the names of their parameters: {@code
 * torch.nn.GRU}, {@code RNN}, {@code Linear} and {@code Embedding}. A layer of a recurrent module,
 * and a direction of it, is a module of its own here, such as {@code gru.l0_reverse}.
 */
public final class TorchNames {
  private static final String RECURRENT = "weight_ih_l";
  private static final String WEIGHT = "weight";
  private static final String REVERSE = ".reverse";

  /** Ends the name of a matrix without bias where it is taken as a table of embeddings. */
  static final String AS_TABLE = " as a table";

  private final NamedArrays arrays;
  private final Map<String, ModuleWeights> modules = new LinkedHashMap<>();
  private final Set<String> left;

  private TorchNames(NamedArrays arrays) {
    this.arrays = arrays;
    this.left = new LinkedHashSet<>(arrays.names());
  }

  /**
   * All modules by name. A matrix without a bias is a table of embeddings or a linear map, and is
   * given as both, the latter with zeros.
   *
   * @throws FileFormatException if an array belongs to none, has another shape than it must have,
   *     or numbers that are not finite
   */
  public static Map<String, ModuleWeights> read(NamedArrays arrays) throws FileFormatException {
    return new TorchNames(arrays).read();
  }

  private Map<String, ModuleWeights> read() throws FileFormatException {
    for (String name : arrays.names()) {
      int at = name.lastIndexOf(RECURRENT);
      if (at >= 0 && (at == 0 || name.charAt(at - 1) == '.')) {
        addRecurrent(name.substring(0, at), name.substring(at + RECURRENT.length() - 1));
      }
    }
    for (String name : arrays.names()) {
      if (left.contains(name) && (name.equals(WEIGHT) || name.endsWith("." + WEIGHT))) {
        addMatrix(name, name.substring(0, name.length() - WEIGHT.length()));
      }
    }
    if (!left.isEmpty()) {
      String first = left.iterator().next();
      throw arrays.problem(
          first,
          "a name of a parameter of torch.nn.GRU, RNN, Linear or Embedding",
          "one that is of none of them; leave it out of the file");
    }
    return modules;
  }

  private void addRecurrent(String module, String part) throws FileFormatException {
    String input = module + "weight_ih_" + part;
    String recurrent = module + "weight_hh_" + part;
    List<Integer> shape = arrays.get(input).shape();
    List<Integer> square = arrays.get(recurrent).shape();
    boolean plain = shape.size() == 2 && square.size() == 2 && shape.get(0).equals(square.get(1));
    modules.put(
        module + part,
        plain
            ? plain(module, part, shape.get(0), shape.get(1))
            : new ModuleWeights.Gru(GruExchange.torch(arrays, module, part)));
    for (String what : new String[] {"weight_ih_", "weight_hh_", "bias_ih_", "bias_hh_"}) {
      left.remove(module + what + part);
    }
  }

  private ModuleWeights plain(String module, String part, int units, int inputs)
      throws FileFormatException {
    float[] bias = new float[units];
    for (String name : new String[] {module + "bias_ih_" + part, module + "bias_hh_" + part}) {
      if (arrays.has(name)) {
        float[] one = arrays.finiteFloats(name, units);
        for (int k = 0; k < units; k++) {
          bias[k] += one[k];
        }
      }
    }
    return new ModuleWeights.Rnn(
        ModuleWeights.turned(
            arrays.finiteFloats(module + "weight_ih_" + part, units, inputs), units, inputs),
        ModuleWeights.turned(
            arrays.finiteFloats(module + "weight_hh_" + part, units, units), units, units),
        bias);
  }

  private void addMatrix(String name, String module) throws FileFormatException {
    List<Integer> shape = arrays.get(name).shape();
    if (shape.size() != 2 || shape.contains(0)) {
      throw arrays.problem(name, "the shape [outputs][inputs]", "the shape " + shape);
    }
    int rows = shape.get(0);
    int columns = shape.get(1);
    float[] matrix = arrays.finiteFloats(name, rows, columns);
    String key = module.isEmpty() ? WEIGHT : module.substring(0, module.length() - 1);
    boolean biased = arrays.has(module + "bias");
    float[] bias = biased ? arrays.finiteFloats(module + "bias", rows) : new float[rows];
    modules.put(key, new ModuleWeights.Linear(ModuleWeights.turned(matrix, rows, columns), bias));
    if (!biased) {
      modules.put(key + AS_TABLE, new ModuleWeights.Table(matrix, rows, columns));
    }
    left.remove(name);
    left.remove(module + "bias");
  }

  /**
   * Arrays of modules with the names and shapes that PyTorch gives them.
   *
   * @param modules by name; one that ends in {@code .reverse} is the other direction in time of the
   *     module without it
   */
  public static NamedArrays write(Map<String, ModuleWeights> modules) {
    Map<String, TypedArray> all = new LinkedHashMap<>();
    modules.forEach((name, module) -> put(all, name, module));
    return NamedArrays.of(all);
  }

  private static void put(Map<String, TypedArray> all, String name, ModuleWeights module) {
    int in = module.inputs();
    int out = module.outputs();
    if (module instanceof ModuleWeights.Table table) {
      all.put(name + ".weight", TypedArray.of(table.rows(), in, out));
    } else if (module instanceof ModuleWeights.Linear linear) {
      all.put(
          name + ".weight",
          TypedArray.of(ModuleWeights.turned(linear.weights(), in, out), out, in));
      all.put(name + ".bias", TypedArray.of(linear.bias(), out));
    } else if (module instanceof ModuleWeights.Rnn rnn) {
      putRecurrent(
          all,
          name,
          TypedArray.of(ModuleWeights.turned(rnn.input(), in, out), out, in),
          TypedArray.of(ModuleWeights.turned(rnn.recurrent(), out, out), out, out),
          rnn.bias(),
          new float[out]);
    } else if (module instanceof ModuleWeights.Gru gru) {
      float[][] torch = gru.weights().toTorch();
      putRecurrent(
          all,
          name,
          TypedArray.of(torch[0], 3 * out, in),
          TypedArray.of(torch[1], 3 * out, out),
          torch[2],
          torch[3]);
    }
  }

  private static void putRecurrent(
      Map<String, TypedArray> all,
      String name,
      TypedArray input,
      TypedArray recurrent,
      float[] inputBias,
      float[] recurrentBias) {
    boolean reverse = name.endsWith(REVERSE);
    String module = (reverse ? name.substring(0, name.length() - REVERSE.length()) : name) + ".";
    String part = reverse ? "l0_reverse" : "l0";
    all.put(module + "weight_ih_" + part, input);
    all.put(module + "weight_hh_" + part, recurrent);
    all.put(module + "bias_ih_" + part, TypedArray.of(inputBias));
    all.put(module + "bias_hh_" + part, TypedArray.of(recurrentBias));
  }
}
