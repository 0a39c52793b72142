package io.tacet.onnx;

import io.tacet.dense.Activation;
import io.tacet.network.InputSpec;
import io.tacet.onnx.Computed.Axis;
import io.tacet.onnx.Computed.Kind;
import io.tacet.onnx.Computed.Read;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Products, sums and activations, and what export writes for winners and gain control. */
final class LayerOperators {
  private static final String TOP = "TopK values";
  private static final String PLACES = "TopK places";
  private static final String MEAN = "the mean of what is above 0";
  private static final String INHIBITION = "a multiple of the mean of what is above 0";
  private static final String INHIBITED = "what is less a multiple of its mean";

  private LayerOperators() {}

  /** Adds the operators to a table of them. */
  static void addTo(Map<String, Operator> all) {
    all.put("MatMul", LayerOperators::matMul);
    all.put("Gemm", LayerOperators::gemm);
    all.put("Add", LayerOperators::add);
    all.put("Tanh", node -> activate(node, Activation.TANH));
    all.put("Relu", LayerOperators::relu);
    all.put("Sigmoid", node -> activate(node, Activation.SIGMOID));
    all.put("OneHot", LayerOperators::oneHot);
    all.put("ReduceMean", LayerOperators::mean);
    all.put("Mul", LayerOperators::multiple);
    all.put("Sub", LayerOperators::difference);
    all.put("TopK", LayerOperators::top);
    all.put("ScatterElements", LayerOperators::scatter);
  }

  private static List<Value> matMul(Node node) throws ModelProblem {
    node.only(2);
    Computed x = node.computed(0);
    return List.of(product(node, x, node.constant(1, x.features(node), -1)));
  }

  private static Computed product(Node node, Computed x, Tensor weights) throws ModelProblem {
    int units = weights.dims()[1];
    if (units < 1) {
      throw node.problem("at least one unit", weights.shape());
    }
    return x.add(
        new Draft.Dense(weights, new double[units], Activation.IDENTITY, node.name()), units);
  }

  private static List<Value> gemm(Node node) throws ModelProblem {
    node.only(3, "alpha", "beta", "transA", "transB");
    Computed x = node.computed(0);
    int from = x.features(node);
    if (node.integer("transA", 0) != 0 || x.axes().size() != 2) {
      throw node.problem("an input of samples and units, not transposed", x.describe());
    }
    boolean transposed = node.integer("transB", 0) != 0;
    Tensor given = transposed ? node.constant(1, -1, from) : node.constant(1, from, -1);
    Tensor weights = scaled(transposed ? given.transposed() : given, node.real("alpha", 1));
    Computed product = product(node, x, weights);
    if (node.optional(2) == null) {
      return List.of(product);
    }
    return List.of(biased(node, product, scaled(node.constant(2), node.real("beta", 1))));
  }

  private static Tensor scaled(Tensor tensor, float factor) {
    if (factor == 1) {
      return tensor;
    }
    double[] values = Arrays.stream(tensor.values()).map(value -> factor * value).toArray();
    return new Tensor(tensor.name() + " times " + factor, tensor.dims(), values, false);
  }

  private static List<Value> add(Node node) throws ModelProblem {
    node.only(2);
    boolean first = node.input(0) instanceof Value.Constant;
    return List.of(biased(node, node.computed(first ? 1 : 0), node.constant(first ? 0 : 1)));
  }

  private static Computed biased(Node node, Computed x, Tensor bias) throws ModelProblem {
    if (x.top() instanceof Draft.Embedding table && table.bias() == null) {
      double[] values = broadcast(node, bias, table.table().dims()[1]);
      return x.replaceTop(new Draft.Embedding(table.table(), values, table.node()));
    }
    Computed linear = x.linear(node);
    Draft.Dense dense = (Draft.Dense) linear.top();
    double[] values = broadcast(node, bias, dense.bias().length);
    for (int k = 0; k < values.length; k++) {
      values[k] += dense.bias()[k];
    }
    return linear.replaceTop(
        new Draft.Dense(dense.weights(), values, dense.activation(), dense.node()));
  }

  private static double[] broadcast(Node node, Tensor bias, int units) throws ModelProblem {
    double[] values = new double[units];
    if (bias.values().length == 1) {
      Arrays.fill(values, bias.values()[0]);
      return values;
    }
    if (bias.values().length != units || bias.dims()[bias.rank() - 1] != units) {
      throw node.problem("a number for each of " + units + " units", bias.shape());
    }
    System.arraycopy(bias.values(), 0, values, 0, units);
    return values;
  }

  private static List<Value> activate(Node node, Activation activation) throws ModelProblem {
    node.only(1);
    Computed linear = node.computed(0).linear(node);
    Draft.Dense dense = (Draft.Dense) linear.top();
    return List.of(
        linear.replaceTop(
            new Draft.Dense(dense.weights(), dense.bias(), activation, dense.node())));
  }

  private static List<Value> relu(Node node) throws ModelProblem {
    if (node.input(0) instanceof Value.Part part && part.operators().equals(INHIBITED)) {
      Computed of = part.of();
      return List.of(of.add(new Draft.Gain(part.number(), node.name()), of.features(node)));
    }
    return activate(node, Activation.RELU);
  }

  private static List<Value> oneHot(Node node) throws ModelProblem {
    node.only(3, "axis");
    Computed tokens = node.computed(0);
    Tensor depth = node.constant(1);
    Tensor values = node.constant(2, 2);
    boolean fits =
        tokens.input() == null
            && depth.values().length == 1
            && depth.values()[0] >= 1
            && depth.values()[0] <= Integer.MAX_VALUE
            && node.integer("axis", -1) == -1
            && values.values()[0] == 0
            && values.values()[1] == 1;
    if (!fits) {
      throw node.problem("tokens, a vocabulary, and the values 0 and 1", "others");
    }
    return List.of(tokens((int) depth.values()[0], tokens, (int) depth.values()[0]));
  }

  /** Tokens of a vocabulary, with a last axis of columns. */
  private static Computed tokens(int vocabulary, Computed tokens, int columns) {
    List<Axis> axes = new ArrayList<>(tokens.axes());
    axes.add(new Axis(Kind.FEATURES, columns));
    return tokens.input(new InputSpec.Tokens(vocabulary), axes);
  }

  /** Rows of a table that tokens select. */
  static List<Value> embedding(Node node) throws ModelProblem {
    Tensor table = node.constant(0, -1, -1);
    Computed tokens = node.computed(1);
    if (tokens.input() != null || node.integer("axis", 0) != 0 || table.values().length == 0) {
      throw node.problem("rows of a table that tokens select", tokens.describe());
    }
    int columns = table.dims()[1];
    Computed known = tokens(table.dims()[0], tokens, columns);
    return List.of(known.add(new Draft.Embedding(table, null, node.name()), columns));
  }

  private static List<Value> mean(Node node) throws ModelProblem {
    node.only(2, "axes", "keepdims", "noop_with_empty_axes");
    Computed x = node.computed(0);
    List<Long> axes = ShapeOperators.axes(node, 1);
    int last = x.axes().size() - 1;
    boolean fits =
        axes != null
            && axes.size() == 1
            && (axes.get(0) == -1 || axes.get(0) == last)
            && node.integer("keepdims", 1) == 1
            && x.top() instanceof Draft.Dense dense
            && dense.activation() == Activation.RELU;
    if (!fits) {
      throw node.problem(
          "the mean over units of what is above 0, as gain control has it", "another");
    }
    return List.of(new Value.Part(MEAN, x, 1));
  }

  /** Whether {@code above} is what is above 0 of {@code x}. */
  private static boolean rectifies(Computed above, Computed x) {
    Draft.Dense dense = (Draft.Dense) above.top();
    int below = above.layers().size() - 1;
    if (below == x.layers().size()) {
      return dense.isIdentity() && above.layers().subList(0, below).equals(x.layers());
    }
    Draft before =
        new Draft.Dense(dense.weights(), dense.bias(), Activation.IDENTITY, dense.node());
    return above.replaceTop(before).layers().equals(x.layers());
  }

  private static List<Value> multiple(Node node) throws ModelProblem {
    node.only(2);
    int k = node.input(0) instanceof Value.Constant ? 1 : 0;
    if (!(node.input(k) instanceof Value.Part part) || !part.operators().equals(MEAN)) {
      throw node.problem("a multiple of a mean, as gain control has it", "another product");
    }
    Tensor factor = node.constant(1 - k);
    if (factor.values().length != 1) {
      throw node.problem("one number", factor.shape());
    }
    return List.of(new Value.Part(INHIBITION, part.of(), factor.values()[0]));
  }

  private static List<Value> difference(Node node) throws ModelProblem {
    node.only(2);
    Computed x = node.computed(0);
    boolean fits =
        node.input(1) instanceof Value.Part part
            && part.operators().equals(INHIBITION)
            && rectifies(part.of(), x)
            && part.of().axes().equals(x.axes());
    if (!fits) {
      throw node.problem(
          "the difference of units and a multiple of their mean, as gain control has it",
          "another");
    }
    double gain = ((Value.Part) node.input(1)).number();
    return List.of(new Value.Part(INHIBITED, x, gain));
  }

  private static List<Value> top(Node node) throws ModelProblem {
    node.only(2, "axis", "largest", "sorted");
    Computed x = node.computed(0);
    Tensor count = node.constant(1);
    long axis = node.integer("axis", -1);
    boolean fits =
        (axis == -1 || axis == x.axes().size() - 1)
            && node.integer("largest", 1) == 1
            && count.values().length == 1
            && x.read() != Read.TRACE;
    if (!fits || count.values()[0] < 1 || count.values()[0] > x.features(node)) {
      throw node.problem("the largest of the units, at most all", "others");
    }
    double winners = count.values()[0];
    return List.of(new Value.Part(TOP, x, winners), new Value.Part(PLACES, x, winners));
  }

  private static List<Value> scatter(Node node) throws ModelProblem {
    node.only(3, "axis", "reduction");
    boolean fits =
        node.input(0) instanceof Value.Zeros
            && node.input(1) instanceof Value.Part places
            && places.operators().equals(PLACES)
            && node.input(2) instanceof Value.Part values
            && values.operators().equals(TOP)
            && values.of().equals(places.of())
            && node.text("reduction", "none").equals("none")
            && (node.integer("axis", 0) == -1
                || node.integer("axis", 0) == values.of().axes().size() - 1);
    if (!fits) {
      throw node.problem("the largest units at their places among zeros", "others");
    }
    Value.Part part = (Value.Part) node.input(2);
    int units = part.of().features(node);
    return List.of(part.of().add(new Draft.Winners((int) part.number(), node.name()), units));
  }
}
