package io.tacet.nir;

import java.util.Arrays;
import java.util.List;

/**
 * Where the window of a convolution or a pool lies, in two dimensions; one of one dimension has
 * height 1. As in PyTorch, what is beyond the edge counts as 0.
 */
final class Window {
  private final int rank;
  private final int channels;
  private final int height;
  private final int width;
  private final int outChannels;
  private final int groups;
  private final int[] kernel;
  private final int[] stride;
  private final int[] dilation;

  /** What is added before the first row and the first column, and behind the last ones. */
  private final int[] before;

  private final int[] behind;

  /** Weights of a convolution, [to][from / groups][height][width]; null of a pool. */
  private final double[] weights;

  /** Weight of each element of a pool. */
  private final double share;

  private Window(
      int[] input,
      int outChannels,
      int groups,
      int[] kernel,
      int[] stride,
      int[] dilation,
      int[] before,
      int[] behind,
      double[] weights,
      double share) {
    this.rank = input.length - 1;
    this.channels = input[0];
    this.height = rank == 1 ? 1 : input[1];
    this.width = input[rank];
    this.outChannels = outChannels;
    this.groups = groups;
    this.kernel = kernel;
    this.stride = stride;
    this.dilation = dilation;
    this.before = before;
    this.behind = behind;
    this.weights = weights;
    this.share = share;
  }

  static Window ofConvolution(String name, NirNode node, int[] below) {
    List<Integer> shape = node.array("weight").shape();
    int rank = shape.size() - 2;
    int groups = node.integers("groups")[0];
    int[] input = checked(name, node, below, rank, shape.get(1) * groups);
    int[] kernel = rank == 1 ? new int[] {1, shape.get(2)} : new int[] {shape.get(2), shape.get(3)};
    int[] dilation = pair(node, "dilation", rank, 1);
    int[] before = new int[2];
    int[] behind = new int[2];
    if (node.fields().get("padding") instanceof NirValue.Text text) {
      if (text.text().equals("same")) {
        for (int d = 0; d < 2; d++) {
          int all = dilation[d] * (kernel[d] - 1);
          before[d] = all / 2;
          behind[d] = all - all / 2;
        }
      }
    } else {
      before = pair(node, "padding", rank, 0);
      behind = before;
    }
    return new Window(
            input,
            shape.get(0),
            groups,
            kernel,
            pair(node, "stride", rank, 1),
            dilation,
            before,
            behind,
            node.reals("weight"),
            0)
        .fitting(name, node);
  }

  static Window ofPool(String name, NirNode node, int[] below) {
    int[] input = checked(name, node, below, 2, below[0]);
    int[] kernel = pair(node, "kernel_size", 2, 1);
    int[] padding = pair(node, "padding", 2, 0);
    double share = node.kind() == NirKind.SUM_POOL_2D ? 1 : 1.0 / (kernel[0] * kernel[1]);
    return new Window(
            input,
            input[0],
            input[0],
            kernel,
            pair(node, "stride", 2, 1),
            new int[] {1, 1},
            padding,
            padding,
            null,
            share)
        .fitting(name, node);
  }

  private static int[] pair(NirNode node, String field, int rank, int ofHeight) {
    int[] values = node.integers(field);
    int last = values[values.length - 1];
    return new int[] {rank == 1 ? ofHeight : values[0], last};
  }

  /** The input with its channels, from the node below and from the node's own field. */
  private static int[] checked(String name, NirNode node, int[] below, int rank, int channels) {
    if (below.length != rank + 1 || below[0] != channels) {
      throw NirProblem.of(
          name,
          node.kind(),
          "expected an input of "
              + channels
              + " channels and "
              + rank
              + (rank == 1 ? " dimension" : " dimensions")
              + ", found one of shape "
              + Arrays.toString(below),
          "Check the shapes of both nodes.");
    }
    if (node.has("input_shape")) {
      int[] own = node.integers("input_shape");
      if (!Arrays.equals(own, Arrays.copyOfRange(below, 1, below.length))) {
        throw NirProblem.of(
            name,
            node.kind(),
            "expected an input of 'input_shape' "
                + Arrays.toString(own)
                + ", found one of shape "
                + Arrays.toString(below),
            "Check the shapes of both nodes.");
      }
    }
    return below;
  }

  private Window fitting(String name, NirNode node) {
    if (out(0) < 1 || out(1) < 1) {
      throw NirProblem.of(
          name,
          node.kind(),
          "expected an input at least as large as the window "
              + Arrays.toString(kernel)
              + ", found "
              + height
              + " x "
              + width,
          "Check the shapes of both nodes.");
    }
    return this;
  }

  /** Extent of the output in a dimension. */
  private int out(int d) {
    int in = d == 0 ? height : width;
    int room = in + before[d] + behind[d] - dilation[d] * (kernel[d] - 1) - 1;
    return Math.floorDiv(room, stride[d]) + 1;
  }

  int inputs() {
    return channels * height * width;
  }

  int[] outputShape() {
    return rank == 1 ? new int[] {outChannels, out(1)} : new int[] {outChannels, out(0), out(1)};
  }

  /** Elements of a channel of the output, for a bias of each channel. */
  int perChannel() {
    return out(0) * out(1);
  }

  /** As a sparse map. */
  LinearMap map() {
    return LinearMap.of(inputs(), outChannels * perChannel(), this::taps);
  }

  private void taps(LinearMap.Taps taps) {
    int target = 0;
    for (int channel = 0; channel < outChannels; channel++) {
      for (int y = 0; y < out(0); y++) {
        for (int x = 0; x < out(1); x++) {
          taps(channel, y * stride[0] - before[0], x * stride[1] - before[1], target++, taps);
        }
      }
    }
  }

  private void taps(int channel, int top, int left, int target, LinearMap.Taps taps) {
    int perGroup = channels / groups;
    int first = channel / (outChannels / groups) * perGroup;
    for (int c = 0; c < perGroup; c++) {
      for (int ky = 0; ky < kernel[0]; ky++) {
        for (int kx = 0; kx < kernel[1]; kx++) {
          int y = top + ky * dilation[0];
          int x = left + kx * dilation[1];
          if (y >= 0 && y < height && x >= 0 && x < width) {
            taps.add(((first + c) * height + y) * width + x, target, weight(channel, c, ky, kx));
          }
        }
      }
    }
  }

  private double weight(int channel, int c, int ky, int kx) {
    if (weights == null) {
      return share;
    }
    return weights[((channel * (channels / groups) + c) * kernel[0] + ky) * kernel[1] + kx];
  }
}
