package io.tacet.network.cells;

import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.AbsentGradients;
import io.tacet.network.Connection;
import io.tacet.network.Draws;
import io.tacet.network.Flow;
import io.tacet.network.Layer;
import io.tacet.network.LayerArrays;
import io.tacet.network.LayerContext;
import io.tacet.network.LayerPass;
import io.tacet.network.LayerSpec;
import io.tacet.network.LayerState;
import io.tacet.network.LayerStep;
import io.tacet.network.Lengths;
import io.tacet.network.MultiplyAdds;
import io.tacet.network.Numbers;
import io.tacet.network.PassShape;
import io.tacet.network.RecurrentSynapses;
import io.tacet.network.Run;
import io.tacet.network.Run.Mask;
import io.tacet.network.Signal;
import io.tacet.rewire.GradientFactors;
import io.tacet.rnn.Rnn;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Plain recurrent units on steps, without events; see {@link Rnn}. */
public final class RnnCell implements Layer {
  static final String NAME = "rnn";

  /**
   * A layer.
   *
   * @param units number of them
   * @param activation act
   * @param input weights from below
   * @param recurrent weights within the layer
   */
  public record Spec(int units, Activation activation, Connection input, Connection recurrent)
      implements LayerSpec {
    /** Checks what needs no network. */
    public Spec {
      Specs.positive("units", units);
      Objects.requireNonNull(activation, "activation");
      StepInput.check(".rnn", input);
      Specs.refuseGates("input", ".rnn", input);
      StepRecurrent.check(".rnn", units, recurrent);
      Specs.refuseGates("recurrent", ".rnn", recurrent);
    }

    @Override
    public String cell() {
      return NAME;
    }

    @Override
    public MultiplyAdds multiplyAdds(Flow below, double belowActivity, double activity) {
      double inputs = StepInput.multiplyAdds(below.columns(), units, 1, input);
      double within = StepRecurrent.multiplyAdds(units, 1, recurrent);
      return new MultiplyAdds(inputs + within, belowActivity * inputs + within);
    }

    @Override
    public Flow over(Flow below) {
      below.require(".rnn", Flow.Kind.STEPS);
      StepInput.check(".rnn", below, units, input);
      return new Flow(Flow.Kind.STEPS, units);
    }

    @Override
    public void draw(String name, Flow below, Draws draws, Numbers into) {
      StepInput.draw(into, name, below.columns(), units, 1, input, draws.stream());
      StepRecurrent.draw(into, name, units, 1, recurrent, draws.stream());
      into.put(name + ".bias", new double[units]);
    }

    @Override
    public Layer create(LayerContext context) {
      return new RnnCell(this, context);
    }

    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("units", units);
      map.put("activation", activation);
      map.put("input", input.toMap());
      map.put("recurrent", recurrent.toMap());
      return map;
    }
  }

  static LayerSpec read(JsonObject json) throws JsonException {
    Specs.only(json, "units", "activation", "input", "recurrent");
    return new Spec(
        json.integer("units"),
        json.choice("activation", Activation.class, Activation.TANH),
        Connection.of(json, "input"),
        Connection.of(json, "recurrent"));
  }

  private final Spec spec;
  private final LayerContext context;
  private final LayerArrays arrays;
  private final StepInput input;
  private final StepRecurrent recurrent;
  private final DeviceArray bias;
  private final DeviceArray biasGradient;

  private RnnCell(Spec spec, LayerContext context) {
    this.spec = spec;
    this.context = context;
    this.arrays = context.arrays();
    String name = context.name();
    double none = Double.POSITIVE_INFINITY;
    try {
      input = new StepInput(context, arrays, name, spec.units(), 1, spec.input());
      recurrent = new StepRecurrent(arrays, name, spec.units(), 1, spec.recurrent());
      bias = arrays.real(name + ".bias", spec.units());
      biasGradient = arrays.train(name + ".bias", -none, none, 1);
    } catch (RuntimeException | Error e) {
      arrays.close();
      throw e;
    }
  }

  @Override
  public LayerSpec spec() {
    return spec;
  }

  @Override
  public LayerArrays arrays() {
    return arrays;
  }

  private String stateName() {
    return context.name() + ".h";
  }

  @Override
  public LayerState state(int batch) {
    return new LayerState()
        .add(stateName(), () -> context.backend().allocate(context.type(), batch, spec.units()));
  }

  @Override
  public long synapses() {
    return input.synapses() + recurrent.synapses();
  }

  @Override
  public List<RecurrentSynapses> recurrent() {
    return List.of(recurrent.view());
  }

  @Override
  public LayerPass room(PassShape shape, LayerSpec reader) {
    return new Room(shape);
  }

  @Override
  public LayerStep step(int batch, LayerSpec reader) {
    return new Stepper(batch);
  }

  /** The layer one step at a time. */
  private final class Stepper implements LayerStep {
    private final StepProduct inputs;
    private final StepProduct sent;
    private final float[] offsets = bias.toFloats();
    private final float[] state;
    private final float[] next;

    Stepper(int batch) {
      inputs = input.product(batch);
      sent = recurrent.product(batch);
      state = inputs.results();
      next = inputs.results();
    }

    @Override
    public float[] step(float[] below) {
      inputs.add(below, offsets, next);
      sent.add(state, null, next);
      StepProduct.activate(spec.activation(), next);
      System.arraycopy(next, 0, state, 0, state.length);
      return state;
    }

    @Override
    public void reset() {
      Arrays.fill(state, 0);
    }
  }

  /** Buffers of a pass. */
  private final class Room implements LayerPass {
    private final PassShape shape;
    private final DeviceArray values;
    private final StepInput.Room below;

    /** Values as the backward pass needs them: the layer above masks and replaces the others. */
    private final DeviceArray kept;

    /** Recurrent weights under DropConnect. */
    private final DeviceArray connected;

    /** Numbers of the rows of the last step among those of all steps; null outside segments. */
    private final DeviceArray lastRows;

    private final Resources resources = new Resources();

    Room(PassShape shape) {
      this.shape = shape;
      long units = spec.units();
      try {
        values = array(shape.steps(), shape.batch(), units);
        kept = shape.trains() ? array(shape.steps(), shape.batch(), units) : values;
        below = resources.own(input.room(shape));
        lastRows =
            shape.isSegment() ? resources.own(LastStep.rows(context.backend(), shape)) : null;
        connected = shape.dropouts().connect() > 0 ? array(recurrent.weights().shape()) : null;
      } catch (RuntimeException | Error e) {
        resources.close();
        throw e;
      }
    }

    private DeviceArray array(long... extents) {
      return resources.own(context.backend().allocate(context.type(), extents));
    }

    private RnnLayer layer() {
      DeviceArray weights = connected == null ? recurrent.weights() : connected;
      return new RnnLayer(weights, recurrent.pattern(), bias, spec.activation());
    }

    private DeviceArray first(Run run) {
      return run.state() == null ? null : run.state().first(stateName());
    }

    @Override
    public Signal forward(Signal signal, Run run) {
      connect(recurrent.weights(), connected, run);
      below.forward(((Signal.Steps) signal).values(), kept);
      DeviceArray last = run.state() == null ? null : run.state().last(stateName());
      Lengths lengths = run.lengths();
      Rnn.forward(layer(), kept, first(run), kept, lengths == null ? last : null);
      if (lengths != null) {
        end(lengths, first(run), last);
      }
      if (kept != values) {
        Dense.activate(kept, Activation.IDENTITY, values);
      }
      return new Signal.Steps(values, null);
    }

    /** Units went on beyond the ends of samples, from where nothing comes back. */
    private void end(Lengths lengths, DeviceArray first, DeviceArray last) {
      lengths.clear(kept);
      if (last != null) {
        lengths.takeLast(kept, first, last);
      }
    }

    /** Errors with those of the state after a segment; the values make room for zeros. */
    private DeviceArray withLast(DeviceArray errors, Run run) {
      if (run.errors() == null) {
        return errors;
      }
      if (errors == null) {
        values.zero();
      }
      DeviceArray all = errors == null ? values : errors;
      DeviceArray last = run.errors().last(stateName());
      if (run.lengths() == null) {
        Dense.scatterAddRows(last, lastRows, all);
      } else {
        run.lengths().addToLast(last, all);
      }
      return all;
    }

    /** DropConnect of recurrent weights, or of their gradient; the mask is that of the pass. */
    private void connect(DeviceArray source, DeviceArray target, Run run) {
      if (connected != null) {
        Dense.dropout(
            source,
            shape.dropouts().connect(),
            run.mask(Mask.CONNECT, context.strand()),
            1,
            source.length(),
            target);
      }
    }

    @Override
    public DeviceArray backward(Signal signal, DeviceArray errors, boolean descend, Run run) {
      DeviceArray all = withLast(errors, run);
      DeviceArray firstErrors = run.errors() == null ? null : run.errors().first(stateName());
      Rnn.backward(
          layer(),
          kept,
          first(run),
          all,
          new RnnGradients(all, recurrent.gradient(), biasGradient, firstErrors));
      if (firstErrors != null && run.lengths() != null) {
        run.lengths().addToBefore(run.errors().last(stateName()), firstErrors);
      }
      AbsentGradients absent = recurrent.absent();
      if (absent != null && absent.areWanted()) {
        absent.show(new GradientFactors(kept, shape.batch(), first(run), all));
      }
      if (run.begins()) {
        connect(recurrent.gradient(), recurrent.gradient(), run);
      }
      return below.backward(signal, all, descend);
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
