package io.tacet.network.cells;

import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruStream;
import io.tacet.network.LayerStep;
import java.util.Arrays;

/** Event-gated units one step at a time; see {@link EgruStream}. */
final class EgruStepper implements LayerStep {
  private final EgruStream stream;
  private final float[] events;
  private final float[] states;

  /** Null where the layer above reads the steps. */
  private final float[] trace;

  private final float decay;

  /**
   * Copies the weights.
   *
   * @param readsTrace whether the layer above reads the trace, not the steps
   */
  EgruStepper(EgruCell cell, int batch, boolean readsTrace) {
    if (cell.spec.seesLaterSteps()) {
      throw new IllegalArgumentException(
          "stream: expected layers forward in time, got a "
              + (cell.spec.directions() > 1 ? "bidirectional" : "reversed")
              + " ."
              + cell.spec.cell()
              + "(...), which needs the end of a sequence before its beginning.");
    }
    String name = cell.strands.get(0);
    EgruLayer layer =
        new EgruLayer(
            cell.recurrents.get(0).weights(),
            cell.recurrents.get(0).pattern(),
            cell.arrays.value(name + ".inputBias"),
            cell.arrays.value(name + ".recurrentBias"),
            cell.arrays.value(name + ".thresholds"),
            cell.spec.egru().options());
    stream = cell.inputs.get(0).stream(layer, batch);
    events = new float[Math.multiplyExact(batch, cell.spec.units())];
    states = new float[events.length];
    trace = readsTrace ? new float[events.length] : null;
    decay = (float) cell.spec.egru().options().traceDecay();
  }

  @Override
  public float[] step(float[] below) {
    stream.step(below, events, states);
    if (trace == null) {
      return events;
    }
    for (int k = 0; k < trace.length; k++) {
      trace[k] = decay * trace[k] + (1 - decay) * events[k];
    }
    return trace;
  }

  @Override
  public void reset() {
    Arrays.fill(events, 0);
    Arrays.fill(states, 0);
    if (trace != null) {
      Arrays.fill(trace, 0);
    }
  }

  @Override
  public void close() {
    stream.close();
  }
}
