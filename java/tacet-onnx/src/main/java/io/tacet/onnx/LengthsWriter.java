package io.tacet.onnx;

import io.tacet.network.LayerSpec;
import io.tacet.network.NetworkSpec;
import io.tacet.network.cells.EgruCell;
import io.tacet.network.cells.LinearReadout;
import io.tacet.network.cells.LinearReadout.Reads;
import io.tacet.network.cells.RnnCell;
import io.tacet.onnx.internal.Onnx.TensorProto.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * The input of a model that gives the number of steps of each sample.
 *
 * @param given whether there is one
 * @param end number of the recurrent layer whose last step is read, before layers that compute each
 *     step by itself; -1 for none
 */
record LengthsWriter(boolean given, int end) {
  /** All sequences are whole. */
  static final LengthsWriter NONE = new LengthsWriter(false, -1);

  private static final String NAME = "lengths";

  /** For a network, unless standard operators cannot say it. */
  static LengthsWriter of(NetworkSpec spec) {
    List<LayerSpec> layers = spec.layers();
    int top = -1;
    for (int k = 0; k < layers.size(); k++) {
      LayerSpec layer = layers.get(k);
      if (layer instanceof EgruCell.Spec cell && !isGru(cell)) {
        throw problem(
            "recurrent layers .gru(...) without zoneout or .rnn(...)", "." + layer.cell());
      }
      top = layer instanceof EgruCell.Spec || layer instanceof RnnCell.Spec ? k : top;
    }
    if (top < 0) {
      throw problem("a recurrent layer, which takes them", "none");
    }
    LayerSpec last = layers.get(layers.size() - 1);
    boolean ofLast =
        last instanceof LinearReadout.Spec readout && readout.reads() == Reads.LAST_STEP;
    if (ofLast && layers.get(top).seesLaterSteps()) {
      throw problem(
          "a read-out of the last step above a layer forward in time", "one backward in time");
    }
    if (last.readsTrace() && layers.get(top).traceDecay() != 0) {
      throw problem(
          "a read-out of the last step, of every one, or of a trace with a decay of 0",
          "a decay of " + layers.get(top).traceDecay());
    }
    return new LengthsWriter(true, ofLast ? top : -1);
  }

  private static boolean isGru(EgruCell.Spec cell) {
    return !cell.egru().options().events() && cell.egru().options().zoneout() == 0;
  }

  private static IllegalArgumentException problem(String expected, String found) {
    return new IllegalArgumentException(
        "lengths: expected "
            + expected
            + ", got "
            + found
            + ". Write the network without lengths.");
  }

  void write(GraphWriter graph) {
    if (given) {
      graph.input(NAME, DataType.INT32, "batch");
    }
  }

  /** Inputs of a recurrent node, with the lengths where there are some. */
  List<String> after(List<String> inputs) {
    List<String> all = new ArrayList<>(inputs);
    if (given) {
      all.add(NAME);
    }
    return List.copyOf(all);
  }

  /** Whether layer k gives its last step alone. */
  boolean endsAt(int k) {
    return given && end == k;
  }
}
