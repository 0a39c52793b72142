package io.tacet.onnx;

import io.tacet.dense.Activation;
import io.tacet.network.InputSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What layers make of the input: the layers so far, and how their output lies in the tensor.
 *
 * @param input what enters; null for tokens of a vocabulary that is not known yet
 * @param layers from the first above the input
 * @param axes of the tensor
 * @param time which of the outer axes is that of steps; null while no layer has told
 * @param read which steps these are
 * @param direction the one that was picked of a bidirectional layer, or -1
 * @param raw whether this is an output of a recurrent node as it is
 * @param lengths of recurrent layers below; null where all sequences are whole
 */
record Computed(
    InputSpec input,
    List<Draft> layers,
    List<Axis> axes,
    Kind time,
    Read read,
    int direction,
    boolean raw,
    SequenceLengths lengths)
    implements Value {

  /** What an axis is. */
  enum Kind {
    /** The first axis of the input: steps or samples. */
    FIRST,
    /** The second axis of the input. */
    SECOND,
    /** Directions of a recurrent layer. */
    DIRECTIONS,
    /** Units or channels. */
    FEATURES,
    /** One element. */
    ONE
  }

  /** Which steps of a layer there are. */
  enum Read {
    /** All. */
    STEPS,
    /** The last. */
    LAST,
    /** The trace after all. */
    TRACE
  }

  /** An axis with its size, -1 if free. */
  record Axis(Kind kind, int size) {
    static final Axis ONE = new Axis(Kind.ONE, 1);
  }

  /** Numbers for each step and sample. */
  int columns() {
    return axes.stream()
        .filter(axis -> axis.kind == Kind.FEATURES || axis.kind == Kind.DIRECTIONS)
        .mapToInt(Axis::size)
        .reduce(1, Math::multiplyExact);
  }

  /** The top layer; null above the input. */
  Draft top() {
    return layers.isEmpty() ? null : layers.get(layers.size() - 1);
  }

  Computed axes(List<Axis> other) {
    return new Computed(input, layers, List.copyOf(other), time, read, direction, false, lengths);
  }

  /** The same with another top layer. */
  Computed replaceTop(Draft layer) {
    List<Draft> all = new ArrayList<>(layers);
    all.set(all.size() - 1, layer);
    return new Computed(input, List.copyOf(all), axes, time, read, direction, false, lengths);
  }

  /** With one more layer of a number of units, of which the last axis consists then. */
  Computed add(Draft layer, int units) {
    List<Draft> all = new ArrayList<>(layers);
    all.add(layer);
    List<Axis> wider = new ArrayList<>(axes);
    wider.set(wider.size() - 1, new Axis(Kind.FEATURES, units));
    return new Computed(
        input, List.copyOf(all), List.copyOf(wider), time, read, direction, false, lengths);
  }

  /** With the vocabulary of its tokens. */
  Computed input(InputSpec known, List<Axis> wider) {
    return new Computed(known, layers, List.copyOf(wider), time, read, direction, false, lengths);
  }

  Computed lengths(SequenceLengths own) {
    return new Computed(input, layers, axes, time, read, direction, raw, own);
  }

  Computed read(Read which, List<Axis> left) {
    return new Computed(input, layers, List.copyOf(left), time, which, direction, false, lengths);
  }

  Computed pick(int one, List<Axis> left) {
    return new Computed(input, layers, List.copyOf(left), time, read, one, false, lengths);
  }

  /** The last axis, which has to be that of all units. */
  int features(Node node) throws ModelProblem {
    Axis last = axes.get(axes.size() - 1);
    if (last.kind != Kind.FEATURES || last.size != columns() || direction >= 0) {
      throw node.problem(
          "units or channels, those of both directions together, on the last axis of '"
              + node.inputName(0)
              + "'",
          describe());
    }
    return last.size;
  }

  /** A dense layer on top: the one there is, if nothing has been done to its sums yet. */
  Computed linear(Node node) throws ModelProblem {
    if (top() instanceof Draft.Dense dense && dense.activation() == Activation.IDENTITY) {
      return this;
    }
    int units = features(node);
    if (units > Draft.MOST_IDENTITY) {
      throw node.problem(
          "at most " + Draft.MOST_IDENTITY + " units without weights of their own",
          Integer.toString(units));
    }
    double[] identity = new double[units * units];
    for (int i = 0; i < units; i++) {
      identity[i * units + i] = 1;
    }
    Tensor weights = new Tensor("identity", new int[] {units, units}, identity, false);
    return add(
        new Draft.Dense(weights, new double[units], Activation.IDENTITY, node.name()), units);
  }

  /** For messages. */
  String describe() {
    return Arrays.toString(
        axes.stream()
            .map(
                axis ->
                    switch (axis.kind) {
                          case FIRST, SECOND ->
                              axis.kind == time ? "steps" : time == null ? "outer" : "samples";
                          case DIRECTIONS -> "directions";
                          case FEATURES -> "units";
                          case ONE -> "one";
                        }
                        + (axis.size < 0 ? "" : " " + axis.size))
            .toArray());
  }
}
