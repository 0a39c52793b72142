package io.tacet.network.cells;

import io.tacet.egru.Egru;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruState;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.AbsentGradients;
import io.tacet.network.EventCounter;
import io.tacet.network.Flow;
import io.tacet.network.LayerContext;
import io.tacet.network.PassShape;
import io.tacet.network.Run;
import io.tacet.rewire.GradientFactors;

/** One direction of a layer of event-gated units in passes of one shape. */
final class EgruStrand {
  private final EgruCell cell;
  private final String name;

  /** Counted from 0. */
  final int number;

  final boolean reversed;
  final StepInput input;
  final StepRecurrent recurrent;

  /** Null on tokens. */
  final StepInput.Room entry;

  final DeviceArray currents;
  final DeviceArray counts;
  final EgruTape tape;
  final DeviceArray connected;
  final EventCounter counter;

  /**
   * What units sent into each step, for gradients of absent recurrent synapses; null where nobody
   * will want them.
   */
  private final DeviceArray sent;

  /**
   * Room for passes.
   *
   * @param s number of the direction
   * @param resources owner of the arrays
   */
  EgruStrand(EgruCell cell, int s, PassShape shape, Resources resources) {
    this.cell = cell;
    LayerContext context = cell.context;
    int units = cell.spec.units();
    name = cell.strands.get(s);
    number = s;
    reversed = cell.spec.reversed(s);
    input = cell.inputs.get(s);
    recurrent = cell.recurrents.get(s);
    entry = context.below().kind() == Flow.Kind.TOKENS ? null : resources.own(input.room(shape));
    currents = cell.array(resources, context.type(), shape.steps(), shape.batch(), 3L * units);
    counts = cell.array(resources, DType.INT32, units);
    tape =
        shape.trains()
            ? resources.own(
                shape
                    .training()
                    .tape()
                    .room(context.backend(), context.type(), shape.steps(), shape.batch(), units))
            : null;
    connected =
        shape.dropouts().connect() > 0
            ? cell.array(resources, context.type(), recurrent.weights().shape())
            : null;
    sent =
        shape.trains() && recurrent.absent() != null
            ? cell.array(
                resources,
                context.type(),
                shape.steps(),
                shape.batch(),
                (long) Egru.partsSent(whole()) * units)
            : null;
    counter =
        new EventCounter(
            units,
            shape.chances(),
            counts::toInts,
            () -> counts,
            shape.trains() ? cell.array(resources, context.type(), units) : null);
  }

  DeviceArray value(String what) {
    return cell.arrays.value(name + what);
  }

  DeviceArray gradient(String what) {
    return cell.arrays.gradientOf(name + what);
  }

  private EgruLayer layer(DeviceArray weights) {
    return new EgruLayer(
        weights,
        recurrent.pattern(),
        value(".inputBias"),
        value(".recurrentBias"),
        value(".thresholds"),
        cell.spec.egru().options());
  }

  EgruLayer layer() {
    return layer(connected == null ? recurrent.weights() : connected);
  }

  /** The layer without DropConnect. */
  EgruLayer whole() {
    return layer(recurrent.weights());
  }

  /**
   * Shows what the gradients of absent recurrent synapses are made of, if somebody wants it; the
   * errors of the currents are changed then.
   */
  void showAbsent(EgruInputs inputs) {
    AbsentGradients absent = recurrent.absent();
    if (absent != null && absent.areWanted()) {
      Egru.gradientFactors(layer(), inputs, tape, currents, sent);
      absent.show(GradientFactors.of(sent, currents));
    }
  }

  EgruState first(Run run) {
    return run.state() == null
        ? null
        : new EgruState(run.state().first(name + ".y"), run.state().first(name + ".h"));
  }

  /** Errors of the state after a segment; null for zeros. */
  EgruState lastErrors(Run run) {
    return run.errors() == null
        ? null
        : new EgruState(run.errors().last(name + ".y"), run.errors().last(name + ".h"));
  }

  /** Where the errors of the state before a segment go; null for nowhere. */
  EgruState firstErrors(Run run) {
    return run.errors() == null
        ? null
        : new EgruState(run.errors().first(name + ".y"), run.errors().first(name + ".h"));
  }

  EgruState last(Run run) {
    return run.state() == null
        ? null
        : new EgruState(run.state().last(name + ".y"), run.state().last(name + ".h"));
  }
}
