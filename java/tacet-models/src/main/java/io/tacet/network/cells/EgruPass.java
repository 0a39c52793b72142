package io.tacet.network.cells;

import io.tacet.dense.Dense;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruOutputs;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.EventCounter;
import io.tacet.network.Flow;
import io.tacet.network.LayerContext;
import io.tacet.network.LayerPass;
import io.tacet.network.Lengths;
import io.tacet.network.PassShape;
import io.tacet.network.Run;
import io.tacet.network.Run.Mask;
import io.tacet.network.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A layer of event-gated units in passes of one shape: all its directions. */
final class EgruPass implements LayerPass {
  private final EgruCell cell;
  private final PassShape shape;
  private final List<EgruStrand> all = new ArrayList<>();
  private final DeviceArray values;
  private final DeviceArray trace;

  /** The rows that tokens select, where whole words are dropped. */
  private final DeviceArray table;

  private final Resources resources = new Resources();
  private double expected = Double.NaN;

  /** Those of the last pass; null for whole sequences. */
  private Lengths lengths;

  /**
   * Room for passes.
   *
   * @param readsTrace whether the layer above reads the trace, not the steps
   */
  EgruPass(EgruCell cell, PassShape shape, boolean readsTrace) {
    this.cell = cell;
    this.shape = shape;
    LayerContext context = cell.context;
    EgruCell.Spec spec = cell.spec;
    try {
      for (int s = 0; s < cell.strands.size(); s++) {
        all.add(new EgruStrand(cell, s, shape, resources));
      }
      long columns = (long) spec.directions() * spec.units();
      values =
          readsTrace
              ? null
              : cell.array(resources, context.type(), shape.steps(), shape.batch(), columns);
      trace = readsTrace ? cell.array(resources, context.type(), shape.batch(), columns) : null;
      boolean drops = shape.dropouts().word() > 0 && context.below().kind() == Flow.Kind.TOKENS;
      table =
          drops
              ? cell.array(resources, context.type(), context.below().columns(), 3L * spec.units())
              : null;
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  @Override
  public Signal forward(Signal below, Run run) {
    lengths = run.lengths();
    for (EgruStrand strand : all) {
      if (run.begins() && !run.again()) {
        strand.counter.begin(lengths == null ? shape.chances() : lengths.total());
        strand.counts.zero();
      }
      enter(strand, below, run);
      connect(strand, strand.recurrent.weights(), strand.connected, run);
      Egru.forward(
          strand.layer(),
          inputs(strand, run),
          new EgruOutputs(values, trace, strand.last(run), run.again() ? null : strand.counts),
          strand.tape);
    }
    return new Signal.Steps(values, trace);
  }

  /** Currents of all steps. */
  private void enter(EgruStrand strand, Signal below, Run run) {
    if (below instanceof Signal.Tokens tokens) {
      DeviceArray weights = dropWords(strand.input.weights(), table, run);
      Dense.gatherRows(weights, tokens.rows(), strand.currents);
    } else {
      strand.entry.forward(((Signal.Steps) below).values(), strand.currents);
    }
  }

  private DeviceArray dropWords(DeviceArray source, DeviceArray target, Run run) {
    return WordDropout.apply(shape, run, source, target);
  }

  /** DropConnect of recurrent weights, or of their gradient; the mask is that of the pass. */
  private void connect(EgruStrand strand, DeviceArray source, DeviceArray target, Run run) {
    if (strand.connected != null) {
      Dense.dropout(
          source,
          shape.dropouts().connect(),
          run.mask(Mask.CONNECT, place(strand)),
          1,
          source.length(),
          target);
    }
  }

  private int place(EgruStrand strand) {
    return cell.context.strand() + strand.number;
  }

  private DeviceArray ofSamples() {
    return lengths == null ? null : lengths.ofSamples();
  }

  private EgruInputs inputs(EgruStrand strand, Run run) {
    return new EgruInputs(
        strand.currents,
        ofSamples(),
        strand.first(run),
        shape.trains(),
        run.mask(Mask.ZONEOUT, place(strand)),
        strand.reversed,
        expected);
  }

  @Override
  public DeviceArray backward(Signal below, DeviceArray errors, boolean descend, Run run) {
    for (EgruStrand strand : all) {
      DeviceArray recurrent = strand.recurrent.gradient();
      Egru.backward(
          strand.layer(),
          inputs(strand, run),
          strand.tape,
          new EgruErrors(
              trace == null ? errors : null,
              trace == null ? null : errors,
              strand.lastErrors(run),
              strand.counter.pushed()),
          new EgruGradients(
              strand.currents,
              recurrent,
              strand.gradient(".inputBias"),
              strand.gradient(".recurrentBias"),
              strand.gradient(".thresholds"),
              strand.firstErrors(run)));
      if (run.begins()) {
        connect(strand, recurrent, recurrent, run);
      }
    }
    DeviceArray left = leave(below, descend, run);
    all.forEach(strand -> strand.showAbsent(inputs(strand, run)));
    return left;
  }

  /** Gradients of the input weights, and the errors of what is below in its place. */
  private DeviceArray leave(Signal below, boolean descend, Run run) {
    if (below instanceof Signal.Tokens tokens) {
      EgruStrand only = all.get(0);
      DeviceArray gradient = only.input.gradient();
      Dense.scatterAddRows(only.currents, tokens.rows(), gradient);
      dropWords(gradient, table == null ? null : gradient, run);
      return null;
    }
    DeviceArray values = ((Signal.Steps) below).values();
    for (EgruStrand strand : all) {
      strand.entry.addGradient(values, strand.currents);
    }
    if (!descend) {
      return null;
    }
    for (EgruStrand strand : all) {
      strand.entry.descend(strand.currents, strand.number > 0, values);
    }
    return values;
  }

  @Override
  public List<EventCounter> counters() {
    return all.stream().map(strand -> strand.counter).toList();
  }

  @Override
  public void expect(double activity) {
    expected = activity;
  }

  @Override
  public double backwardSparsity() {
    return all.stream()
        .mapToDouble(s -> s.tape.backwardSparsity(s.whole(), ofSamples()))
        .average()
        .orElse(Double.NaN);
  }

  @Override
  public double[] activityBySteps() {
    double[] activity = new double[shape.steps()];
    for (EgruStrand strand : all) {
      int[] bits = strand.tape.events().toInts();
      for (int w = 0; w < bits.length; w++) {
        activity[(int) ((long) w * activity.length / bits.length)] += Integer.bitCount(bits[w]);
      }
    }
    double units = (double) cell.spec.directions() * cell.spec.units();
    Arrays.setAll(activity, t -> activity[t] / Math.max(1, samplesAt(t)) / units);
    return activity;
  }

  private int samplesAt(int step) {
    return lengths == null ? shape.batch() : lengths.samplesAt(step);
  }

  @Override
  public void close() {
    resources.close();
  }
}
