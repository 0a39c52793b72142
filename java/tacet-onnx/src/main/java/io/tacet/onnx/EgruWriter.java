package io.tacet.onnx;

import static io.tacet.onnx.GraphWriter.attribute;
import static io.tacet.onnx.GraphWriter.integers;

import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.egru.GruWeights;
import io.tacet.network.Flow;
import io.tacet.network.NetworkSpec;
import io.tacet.network.cells.EgruCell;
import io.tacet.onnx.internal.Onnx.AttributeProto;
import io.tacet.onnx.internal.Onnx.GraphProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Writes layers of event-gated units as a Scan for each direction, plain ones as GRU. */
final class EgruWriter {
  private final NetworkSpec spec;
  private final GraphWriter graph;
  private final Matrices matrices;
  private final String input;
  private final LengthsWriter lengths;

  /** States of zeros that are there already. */
  private final Set<String> written = new HashSet<>();

  EgruWriter(
      NetworkSpec spec, GraphWriter graph, Matrices matrices, String input, LengthsWriter lengths) {
    this.lengths = lengths;
    this.spec = spec;
    this.graph = graph;
    this.matrices = matrices;
    this.input = input;
  }

  /**
   * Writes a layer.
   *
   * @param k its number in the network
   * @param traced whether the trace is read, and not the steps
   */
  String write(EgruCell.Spec cell, String name, int k, String below, boolean traced) {
    EgruOptions options = cell.egru().options();
    boolean gru = !options.events() && options.zoneout() == 0;
    List<String> strands = cell.strands(name);
    List<String> given = new ArrayList<>();
    String entered = gru ? numbers(name, k, below) : below;
    for (int s = 0; s < strands.size(); s++) {
      boolean reversed = cell.reversed(s);
      String strand = strands.get(s);
      boolean ends = lengths.endsAt(k) || (lengths.given() && traced);
      String steps =
          gru
              ? gru(cell, strand, k, entered, reversed, ends)
              : scan(cell, strand, k, entered, reversed);
      given.add(traced && !ends ? trace(cell, strand, steps, reversed) : steps);
    }
    return given.size() == 1
        ? given.get(0)
        : graph.node("Concat", name + ".both", given, attribute("axis", -1));
  }

  /** Tokens as vectors of which one number is 1. */
  private String numbers(String name, int k, String below) {
    Flow flow = spec.below(k);
    if (flow.kind() != Flow.Kind.TOKENS) {
      return below;
    }
    String depth = graph.whole(name + ".vocabulary", flow.columns());
    String values = graph.floats("offOn", new double[] {0, 1}, 2);
    return graph.node("OneHot", name + ".oneHot", List.of(below, depth, values));
  }

  /**
   * @param ends whether its last step is read, in the order of computation
   */
  private String gru(
      EgruCell.Spec cell, String strand, int k, String below, boolean reversed, boolean ends) {
    int from = spec.below(k).columns();
    int units = cell.units();
    EgruVariant variant = cell.egru().options().variant();
    GruWeights weights =
        new GruWeights(
            variant,
            floats(matrices.input(strand, from, 3 * units, cell.input())),
            floats(matrices.recurrent(strand, units, 3, cell.recurrent())),
            floats(matrices.real(strand + ".inputBias")),
            floats(matrices.real(strand + ".recurrentBias")));
    float[][] onnx = weights.toOnnx();
    List<String> inputs =
        lengths.after(
            List.of(
                below,
                graph.floats(strand + ".W", doubles(onnx[0]), 1, 3L * units, from),
                graph.floats(strand + ".R", doubles(onnx[1]), 1, 3L * units, units),
                graph.floats(strand + ".B", doubles(onnx[2]), 1, 6L * units)));
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(attribute("hidden_size", units));
    attributes.add(attribute("direction", reversed ? "reverse" : "forward"));
    attributes.add(
        attribute("linear_before_reset", variant == EgruVariant.CELL_RESET_AFTER ? 1 : 0));
    EgruOptions options = cell.egru().options();
    if (options.clips()) {
      attributes.add(attribute("clip", (float) options.clip()));
    }
    graph.node(
        "GRU",
        strand + ".GRU",
        inputs,
        ends ? List.of("", strand + ".Y") : List.of(strand + ".Y"),
        attributes.toArray(AttributeProto[]::new));
    String axis = ends ? graph.longs("axis0", 0) : graph.longs("axis1", 1);
    return graph.node("Squeeze", strand, List.of(strand + ".Y", axis));
  }

  private String scan(EgruCell.Spec cell, String strand, int k, String below, boolean reversed) {
    int units = cell.units();
    EgruOptions options = cell.egru().options();
    if (options.clips()) {
      throw new IllegalArgumentException(
          "clip: expected none for event-gated units and for zoneout, which are written as a Scan,"
              + " got "
              + options.clip()
              + " in "
              + strand
              + ". GRU without zoneout has a clip.");
    }
    constants(cell, strand, options);
    GraphProto body = Scans.units(Scans.Kind.of(options), units, outer(strand));
    String zeros = zeros(strand, units);
    graph.node(
        "Scan",
        strand + ".Scan",
        List.of(zeros, zeros, currents(cell, strand, k, below)),
        List.of(strand + ".yLast", strand + ".hLast", strand),
        attribute("body", body),
        attribute("num_scan_inputs", 1),
        integers("scan_input_directions", reversed ? 1 : 0),
        integers("scan_output_directions", reversed ? 1 : 0));
    return strand;
  }

  /** x W + b, or the rows that tokens select. */
  private String currents(EgruCell.Spec cell, String strand, int k, String below) {
    Flow flow = spec.below(k);
    int from = flow.columns();
    int to = 3 * cell.units();
    String weights =
        graph.floats(
            strand + ".inputWeights", matrices.input(strand, from, to, cell.input()), from, to);
    String product =
        flow.kind() == Flow.Kind.TOKENS
            ? graph.node("Gather", strand + ".product", List.of(weights, below))
            : graph.node("MatMul", strand + ".product", List.of(below, weights));
    String bias = graph.floats(strand + ".inputBias", matrices.real(strand + ".inputBias"), to);
    return graph.node("Add", strand + ".currents", List.of(product, bias));
  }

  private void constants(EgruCell.Spec cell, String strand, EgruOptions options) {
    int units = cell.units();
    UnaryOperator<String> outer = outer(strand);
    double[] recurrent = matrices.recurrent(strand, units, 3, cell.recurrent());
    if (options.variant() == EgruVariant.PAPER) {
      double[] gates = Matrices.columns(recurrent, units, 0, 2 * units);
      double[] candidate = Matrices.columns(recurrent, units, 2 * units, 3 * units);
      graph.floats(outer.apply(Scans.GATES), gates, units, 2L * units);
      graph.floats(outer.apply(Scans.CANDIDATE), candidate, units, units);
    } else {
      graph.floats(outer.apply(Scans.RECURRENT), recurrent, units, 3L * units);
      double[] bias = matrices.real(strand + ".recurrentBias");
      graph.floats(outer.apply(Scans.RECURRENT_BIAS), bias, 3L * units);
    }
    if (options.events()) {
      graph.floats(outer.apply(Scans.THRESHOLDS), matrices.real(strand + ".thresholds"), units);
    }
    if (options.zoneout() > 0) {
      graph.number(outer.apply(Scans.ZONEOUT), options.zoneout());
    }
    graph.number(Scans.ONE, 1);
  }

  /** Name of the constant that plays a part. */
  private static UnaryOperator<String> outer(String strand) {
    return part -> part.equals(Scans.ONE) ? part : strand + "." + part;
  }

  /** States before the first step, [batch][units]. */
  private String zeros(String strand, int units) {
    String zeros = strand + ".zeros";
    if (!written.add(zeros)) {
      return zeros;
    }
    graph.node(
        "Shape", strand + ".batch", List.of(input), attribute("start", 1), attribute("end", 2));
    graph.node(
        "Concat",
        strand + ".extents",
        List.of(strand + ".batch", graph.longs(strand + ".units", units)),
        attribute("axis", 0));
    return graph.node("ConstantOfShape", zeros, List.of(strand + ".extents"));
  }

  private String trace(EgruCell.Spec cell, String strand, String steps, boolean reversed) {
    int units = cell.units();
    graph.number(strand + "." + Scans.DECAY, cell.egru().options().traceDecay());
    graph.number(Scans.ONE, 1);
    graph.node(
        "Scan",
        strand + ".trace",
        List.of(zeros(strand, units), steps),
        List.of(strand + ".trace"),
        attribute("body", Scans.trace(units, outer(strand))),
        attribute("num_scan_inputs", 1),
        integers("scan_input_directions", reversed ? 1 : 0));
    return strand + ".trace";
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int k = 0; k < floats.length; k++) {
      floats[k] = (float) values[k];
    }
    return floats;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int k = 0; k < doubles.length; k++) {
      doubles[k] = values[k];
    }
    return doubles;
  }
}
