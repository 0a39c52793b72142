package io.tacet.nir;

import io.tacet.checkpoint.TypedArray;
import io.tacet.files.Suggestion;
import java.util.Arrays;
import java.util.List;

/** Whether a node has the fields of its kind, and these what they must hold. */
final class NodeCheck {
  /** Elements of a field, so that no product of extents overflows. */
  private static final int MOST_EXTENT = 1 << 24;

  private final String name;
  private final NirNode node;

  private NodeCheck(String name, NirNode node) {
    this.name = name;
    this.node = node;
  }

  static void check(String name, NirNode node) {
    NodeCheck check = new NodeCheck(name, node);
    check.names();
    node.fields().forEach(check::finite);
    check.values();
  }

  private void names() {
    NirKind kind = node.kind();
    for (String field : kind.required()) {
      if (!node.has(field)) {
        throw problem("expected a field '" + field + "', found " + node.fields().keySet());
      }
    }
    for (String field : node.fields().keySet()) {
      if (!kind.fields().contains(field)) {
        throw problem(
            "expected no field but "
                + kind.fields()
                + ", found '"
                + field
                + "'"
                + Suggestion.nearest(field, kind.fields())
                    .map(near -> ", which may be meant as '" + near + "'")
                    .orElse(""));
      }
    }
  }

  private void finite(String field, NirValue value) {
    if (value instanceof NirValue.Text text) {
      if (!field.equals("padding") || !isConvolution() || !isWord(text.text())) {
        throw problem("expected numbers in '" + field + "', found the text " + text);
      }
      return;
    }
    double[] numbers = node.reals(field);
    if (numbers.length == 0) {
      throw problem("expected numbers in '" + field + "', found none");
    }
    for (int k = 0; k < numbers.length; k++) {
      if (!Double.isFinite(numbers[k])) {
        throw problem(
            "expected finite numbers in '" + field + "', found " + numbers[k] + " at index " + k);
      }
    }
  }

  private boolean isConvolution() {
    return node.kind() == NirKind.CONV1D || node.kind() == NirKind.CONV2D;
  }

  private static boolean isWord(String padding) {
    return padding.equals("same") || padding.equals("valid");
  }

  private void values() {
    switch (node.kind()) {
      case INPUT, OUTPUT -> whole("shape", 1, 0);
      case LINEAR -> dimensions("weight", 2);
      case AFFINE -> {
        dimensions("weight", 2);
        count("bias", node.array("weight").shape().get(0));
      }
      case CONV1D -> convolution(1);
      case CONV2D -> convolution(2);
      case SUM_POOL_2D, AVG_POOL_2D -> {
        whole("kernel_size", 1, 2);
        whole("stride", 1, 2);
        whole("padding", 0, 2);
      }
      case FLATTEN -> {
        whole("start_dim", -8, 1);
        whole("end_dim", -8, 1);
        if (node.has("input_type")) {
          whole("input_type", 1, 0);
        }
      }
      case DELAY -> least("delay", 0, "not negative");
      case SCALE, THRESHOLD -> {
        // Any finite numbers.
      }
      case I, IF -> sameShape();
      case LI, LIF -> {
        positive("tau");
        sameShape();
      }
      case CUBA_LI, CUBA_LIF -> {
        positive("tau_syn");
        positive("tau_mem");
        sameShape();
      }
    }
  }

  private void convolution(int dimensions) {
    dimensions("weight", dimensions + 2);
    List<Integer> shape = node.array("weight").shape();
    count("bias", shape.get(0));
    whole("stride", 1, dimensions);
    whole("dilation", 1, dimensions);
    whole("groups", 1, 1);
    int groups = node.integers("groups")[0];
    if (shape.get(0) % groups != 0) {
      throw problem(
          "expected a number of channels that 'groups' divides, found "
              + shape.get(0)
              + " channels and "
              + groups
              + " groups");
    }
    if (node.fields().get("padding") instanceof NirValue.Numbers) {
      whole("padding", 0, dimensions);
    } else if (node.fields().get("padding") instanceof NirValue.Text text
        && text.text().equals("same")
        && Arrays.stream(node.integers("stride")).anyMatch(stride -> stride != 1)) {
      throw problem("expected a stride of 1 with the padding \"same\", found another");
    }
    if (node.has("input_shape")) {
      whole("input_shape", 1, dimensions);
    }
  }

  private void dimensions(String field, int count) {
    List<Integer> shape = node.array(field).shape();
    if (shape.size() != count) {
      throw problem(
          "expected " + count + " dimensions of '" + field + "', found the shape " + shape);
    }
  }

  private void count(String field, int count) {
    if (node.array(field).length() != count) {
      throw problem(
          "expected "
              + count
              + " numbers in '"
              + field
              + "', as many as rows of 'weight', found "
              + node.array(field).length());
    }
  }

  /** One number, or one for each dimension where there are any. */
  private void whole(String field, int least, int dimensions) {
    TypedArray array = node.array(field);
    if (dimensions > 0 && array.length() != 1 && array.length() != dimensions) {
      throw problem(
          "expected 1 or " + dimensions + " numbers in '" + field + "', found " + array.length());
    }
    for (double value : array.doubles()) {
      if (value != Math.rint(value) || value < least || value > MOST_EXTENT) {
        throw problem(
            "expected whole numbers from " + least + " on in '" + field + "', found " + value);
      }
    }
  }

  private void positive(String field) {
    least(field, Double.MIN_NORMAL, "positive");
  }

  private void least(String field, double least, String what) {
    double[] values = node.reals(field);
    for (int k = 0; k < values.length; k++) {
      if (values[k] < least) {
        throw problem(
            "expected numbers of seconds that are "
                + what
                + " in '"
                + field
                + "', found "
                + values[k]
                + " at index "
                + k);
      }
    }
  }

  /** All fields of neurons have one shape, or one number. */
  private void sameShape() {
    List<Integer> shape = null;
    String first = null;
    for (String field : node.fields().keySet()) {
      TypedArray array = node.array(field);
      if (array.length() == 1) {
        continue;
      }
      if (shape != null && !shape.equals(array.shape())) {
        throw problem(
            "expected fields of one shape, found "
                + shape
                + " of '"
                + first
                + "' and "
                + array.shape()
                + " of '"
                + field
                + "'");
      }
      shape = array.shape();
      first = field;
    }
  }

  private NirProblem problem(String problem) {
    return NirProblem.of(
        name, node.kind(), problem, "Check how the graph was made; see the page of NIR's nodes.");
  }
}
