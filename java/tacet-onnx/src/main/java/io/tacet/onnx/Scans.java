package io.tacet.onnx;

import static io.tacet.onnx.GraphWriter.attribute;

import com.google.protobuf.TextFormat;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.onnx.internal.Onnx.AttributeProto;
import io.tacet.onnx.internal.Onnx.GraphProto;
import io.tacet.onnx.internal.Onnx.NodeProto;
import io.tacet.onnx.internal.Onnx.TensorProto.DataType;
import io.tacet.onnx.internal.Onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * One step of event-gated units, and of their trace, as the body of a Scan; see {@link
 * io.tacet.egru.Egru} for the equations. Parameters are constants of the graph around it, of which
 * a body knows only the parts they play: import recognises a body by comparing it with these.
 */
final class Scans {
  /** Parts of the constants in a body. */
  static final String RECURRENT = "recurrentWeights";

  static final String RECURRENT_BIAS = "recurrentBias";
  static final String GATES = "recurrentGates";
  static final String CANDIDATE = "recurrentCandidate";
  static final String THRESHOLDS = "thresholds";
  static final String ZONEOUT = "zoneout";
  static final String DECAY = "traceDecay";
  static final String ONE = "one";

  private Scans() {}

  /** Which of the bodies of units one is. */
  record Kind(EgruVariant variant, boolean events, boolean zoneout) {
    static Kind of(EgruOptions options) {
      return new Kind(options.variant(), options.events(), options.zoneout() > 0);
    }

    static List<Kind> all() {
      List<Kind> all = new ArrayList<>();
      for (EgruVariant variant : EgruVariant.values()) {
        for (int k = 0; k < 4; k++) {
          all.add(new Kind(variant, (k & 1) != 0, (k & 2) != 0));
        }
      }
      return all;
    }
  }

  /**
   * A step of units: states y and h and the currents to both and to what is sent.
   *
   * @param outer name of the constant that plays a part
   */
  static GraphProto units(Kind kind, int units, UnaryOperator<String> outer) {
    GraphWriter body = new GraphWriter("step");
    body.input("yBefore", DataType.FLOAT, "batch", units);
    body.input("hBefore", DataType.FLOAT, "batch", units);
    body.input("currents", DataType.FLOAT, "batch", 3L * units);
    split(body, "currents", "az", "ar", "ag");
    String cell =
        kind.variant() == EgruVariant.PAPER ? paper(body, kind, outer) : after(body, outer);
    if (kind.zoneout()) {
      cell = mix(body, "zoned", outer.apply(ZONEOUT), "hBefore", cell, outer);
    }
    String sent = cell;
    String state = cell;
    if (kind.events()) {
      String theta = outer.apply(THRESHOLDS);
      body.node("Greater", "above", List.of(cell, theta));
      body.node("Cast", "events", List.of("above"), attribute("to", DataType.FLOAT.getNumber()));
      sent = body.node("Mul", "sent", List.of("events", cell));
      if (kind.variant() != EgruVariant.PAPER) {
        body.node("Mul", "subtracted", List.of("events", theta));
        state = body.node("Sub", "reset", List.of(cell, "subtracted"));
      }
    }
    for (String out : List.of("yNext", "hNext", "yStep")) {
      body.node("Identity", out, List.of(out.startsWith("h") ? state : sent));
      body.output(out, DataType.FLOAT, "batch", units);
    }
    return body.build();
  }

  private static void split(GraphWriter body, String from, String... parts) {
    body.node("Split", parts[0], List.of(from), List.of(parts), attribute("axis", -1));
  }

  private static String after(GraphWriter body, UnaryOperator<String> outer) {
    body.node("MatMul", "product", List.of("yBefore", outer.apply(RECURRENT)));
    body.node("Add", "p", List.of("product", outer.apply(RECURRENT_BIAS)));
    split(body, "p", "pz", "pr", "pg");
    gate(body, "z", "az", "pz");
    gate(body, "r", "ar", "pr");
    body.node("Mul", "q", List.of("r", "pg"));
    candidate(body, "ag", "q");
    return mix(body, "mixed", "z", "hBefore", "g", outer);
  }

  private static String paper(GraphWriter body, Kind kind, UnaryOperator<String> outer) {
    body.node("MatMul", "p", List.of("yBefore", outer.apply(GATES)));
    split(body, "p", "pz", "pr");
    gate(body, "u", "az", "pz");
    gate(body, "r", "ar", "pr");
    body.node("Mul", "gated", List.of("r", "yBefore"));
    body.node("MatMul", "q", List.of("gated", outer.apply(CANDIDATE)));
    candidate(body, "ag", "q");
    String mixed = mix(body, "mixed", "u", "g", "hBefore", outer);
    return kind.events() ? body.node("Sub", "less", List.of(mixed, "yBefore")) : mixed;
  }

  private static void gate(GraphWriter body, String name, String current, String received) {
    body.node("Add", name + "Sum", List.of(current, received));
    body.node("Sigmoid", name, List.of(name + "Sum"));
  }

  private static void candidate(GraphWriter body, String current, String received) {
    body.node("Add", "gSum", List.of(current, received));
    body.node("Tanh", "g", List.of("gSum"));
  }

  /** {@code share one + (1 - share) other}. */
  private static String mix(
      GraphWriter body,
      String name,
      String share,
      String one,
      String other,
      UnaryOperator<String> outer) {
    body.node("Mul", name + "One", List.of(share, one));
    body.node("Sub", name + "Rest", List.of(outer.apply(ONE), share));
    body.node("Mul", name + "Other", List.of(name + "Rest", other));
    return body.node("Add", name, List.of(name + "One", name + "Other"));
  }

  /** A step of the trace of what units send. */
  static GraphProto trace(int units, UnaryOperator<String> outer) {
    GraphWriter body = new GraphWriter("trace");
    body.input("trace", DataType.FLOAT, "batch", units);
    body.input("sent", DataType.FLOAT, "batch", units);
    body.output(
        mix(body, "next", outer.apply(DECAY), "trace", "sent", outer),
        DataType.FLOAT,
        "batch",
        units);
    return body.build();
  }

  /**
   * A body without names: its operators, each with what it takes and gives as numbers.
   *
   * @param lines operators in order
   * @param outer names of what comes from the graph around it, in the order of first use
   */
  record Shape(List<String> lines, List<String> outer) {
    static Shape of(GraphProto body) {
      Map<String, String> known = new HashMap<>();
      List<String> outer = new ArrayList<>();
      List<String> lines = new ArrayList<>();
      for (ValueInfoProto input : body.getInputList()) {
        known.put(input.getName(), "in" + known.size());
      }
      for (NodeProto node : body.getNodeList()) {
        StringBuilder line = new StringBuilder(node.getDomain()).append(node.getOpType());
        for (String input : node.getInputList()) {
          if (!known.containsKey(input)) {
            known.put(input, "outer" + outer.size());
            outer.add(input);
          }
          line.append(' ').append(known.get(input));
        }
        for (AttributeProto attribute : node.getAttributeList()) {
          line.append(' ')
              .append(TextFormat.printer().emittingSingleLine(true).printToString(attribute));
        }
        for (String output : node.getOutputList()) {
          known.put(output, "value" + known.size());
          line.append(" > ").append(known.get(output));
        }
        lines.add(line.toString());
      }
      body.getOutputList().forEach(output -> lines.add("gives " + known.get(output.getName())));
      return new Shape(lines, outer);
    }

    /** What plays each part of a body of the same shape; null if it is another. */
    Map<String, String> parts(GraphProto model) {
      Shape expected = of(model);
      if (!expected.lines.equals(lines)) {
        return null;
      }
      Map<String, String> parts = new HashMap<>();
      for (int k = 0; k < outer.size(); k++) {
        parts.put(expected.outer.get(k), outer.get(k));
      }
      return parts;
    }
  }
}
