package io.tacet.network.cells;

import io.tacet.eventprop.Simulator;
import io.tacet.eventprop.Spikes;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.AbsentTiles;
import io.tacet.network.Connection;
import io.tacet.network.Draws;
import io.tacet.network.EventCounter;
import io.tacet.network.Flow;
import io.tacet.network.InputSpec;
import io.tacet.network.Layer;
import io.tacet.network.LayerArrays;
import io.tacet.network.LayerContext;
import io.tacet.network.LayerPass;
import io.tacet.network.LayerSpec;
import io.tacet.network.Numbers;
import io.tacet.network.PassShape;
import io.tacet.network.PotentialMeter;
import io.tacet.network.RecurrentSynapses;
import io.tacet.network.Run;
import io.tacet.network.Signal;
import io.tacet.neuron.HybridGradients;
import io.tacet.neuron.HybridLayer;
import io.tacet.neuron.HybridPass;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.NeuronParameter;
import io.tacet.neuron.Neurons;
import io.tacet.sparse.Synapses;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Any hybrid neuron with exact gradients (EventProp), on event times, and with the exact simulator
 * on the java backend if it has no closed form; see {@link io.tacet.neuron.HybridNeuron}.
 */
public final class NeuronCell implements Layer {
  static final String NAME = "neuron";

  /** Learning rate of delays relative to that of weights, as of LIF layers. */
  private static final double DELAY_RATE = 10;

  /**
   * A layer.
   *
   * @param neurons how many
   * @param neuron their dynamics and parameters, and what trains besides weights
   * @param input synapses from below
   * @param recurrent synapses within the layer; null for none
   */
  public record Spec(int neurons, Neuron neuron, Connection input, Connection recurrent)
      implements LayerSpec {
    /** Checks the number of neurons, and that weights are given. */
    public Spec {
      SpikingLayers.check(".neuron", neurons, input, recurrent);
    }

    @Override
    public String cell() {
      return NAME;
    }

    @Override
    public boolean hasEvents() {
      return true;
    }

    @Override
    public boolean watchesSpikes() {
      return true;
    }

    @Override
    public Flow over(Flow below) {
      return SpikingLayers.over(".neuron", below, neurons, input);
    }

    @Override
    public void checkWithin(InputSpec from, List<LayerSpec> layers, Flow below) {
      if (from instanceof InputSpec.Spikes spikes) {
        HybridPass.checkSimulator(neuron.dynamics(), neuron.tolerance(), spikes.simulator());
      }
    }

    @Override
    public void draw(String name, Flow below, Draws draws, Numbers into) {
      SynapseDraw.draw(into, name + ".", below.columns(), neurons, input, draws);
      if (recurrent != null) {
        SynapseDraw.draw(into, name + ".recurrent.", neurons, neurons, recurrent, draws);
      }
      neuron
          .values()
          .forEach(
              (parameter, value) ->
                  into.fill(
                      name + "." + parameter,
                      value,
                      neuron.trainable().contains(parameter) ? neurons : 1));
    }

    @Override
    public Layer create(LayerContext context) {
      return new NeuronCell(this, context);
    }

    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("neurons", neurons);
      map.put("dynamics", neuron.dynamics().name());
      map.put("parameters", neuron.values());
      map.put("train", List.copyOf(neuron.trainable()));
      map.put("tolerance", neuron.tolerance());
      map.put("input", input.toMap());
      if (recurrent != null) {
        map.put("recurrent", recurrent.toMap());
      }
      return map;
    }
  }

  static LayerSpec read(JsonObject json) throws JsonException {
    Specs.only(
        json, "neurons", "dynamics", "parameters", "train", "tolerance", "input", "recurrent");
    Neuron usual = Neurons.of(Neurons.dynamics(json.text("dynamics")));
    Map<String, Double> values = new LinkedHashMap<>();
    if (json.has("parameters")) {
      JsonObject given = json.object("parameters");
      for (String name : given.keys()) {
        values.put(name, given.real(name));
      }
    }
    Set<String> trainable = json.has("train") ? Set.copyOf(json.texts("train")) : Set.of();
    double tolerance = json.real("tolerance", usual.tolerance());
    return new Spec(
        json.integer("neurons"),
        new Neuron(usual.dynamics(), values, trainable, tolerance),
        Connection.of(json, "input"),
        Connection.orNull(json, "recurrent"));
  }

  private final Spec spec;
  private final LayerContext context;
  private final LayerArrays arrays;
  private final HybridLayer layer;
  private final HybridGradients gradients;

  /** Null where nobody will want them. */
  private final AbsentTiles absentInput;

  private final AbsentTiles absentRecurrent;

  private NeuronCell(Spec spec, LayerContext context) {
    this.spec = spec;
    this.context = context;
    this.arrays = context.arrays();
    String name = context.name();
    int below = context.below().columns();
    int neurons = spec.neurons();
    try {
      Synapses input = SynapseDraw.view(arrays, name + ".", below, neurons, spec.input());
      Synapses recurrent =
          spec.recurrent() == null
              ? null
              : SynapseDraw.view(arrays, name + ".recurrent.", neurons, neurons, spec.recurrent());
      List<NeuronParameter> parameters = spec.neuron().dynamics().parameters();
      layer =
          new HybridLayer(
              input,
              recurrent,
              spec.neuron().dynamics(),
              parameters.stream().map(p -> arrays.real(name + "." + p.name())).toList(),
              context.network().duration(),
              spec.neuron().tolerance());
      gradients =
          new HybridGradients(
              arrays.train(name + ".weights"),
              delays(spec.input(), ".delays"),
              recurrent == null ? null : arrays.train(name + ".recurrent.weights"),
              delays(spec.recurrent(), ".recurrent.delays"),
              trained(parameters));
      absentInput = arrays.tiles(name + ".weights");
      absentRecurrent = arrays.tiles(name + ".recurrent.weights");
    } catch (RuntimeException | Error e) {
      arrays.close();
      throw e;
    }
  }

  private DeviceArray delays(Connection connection, String name) {
    return connection != null && connection.learnedDelays()
        ? arrays.train(context.name() + name, 0, context.network().duration(), DELAY_RATE)
        : null;
  }

  private List<DeviceArray> trained(List<NeuronParameter> parameters) {
    List<DeviceArray> all = new ArrayList<>();
    for (NeuronParameter p : parameters) {
      all.add(
          spec.neuron().trainable().contains(p.name())
              ? arrays.train(context.name() + "." + p.name(), p.low(), p.high(), p.rateScale())
              : null);
    }
    return all;
  }

  @Override
  public LayerSpec spec() {
    return spec;
  }

  @Override
  public LayerArrays arrays() {
    return arrays;
  }

  @Override
  public long synapses() {
    long recurrent = layer.recurrent() == null ? 0 : layer.recurrent().count();
    return layer.input().count() + recurrent;
  }

  @Override
  public List<RecurrentSynapses> recurrent() {
    return SpikingLayers.recurrent(spec.neurons(), layer.recurrent(), gradients.recurrentWeights());
  }

  @Override
  public LayerPass room(PassShape shape, LayerSpec reader) {
    return new Room(shape);
  }

  /** Buffers of a pass. */
  private final class Room implements LayerPass {
    private final Simulator simulator = context.network().simulator();
    private final HybridPass pass;
    private final PassShape shape;
    private final EventCounter counter;
    private final PotentialMeter potentials;
    private final DeviceArray kick;
    private Spikes spikes;

    /** What the last forward pass has taken. */
    private Spikes input;

    /** Of passes with absent synapses; null where states need not be kept or nobody wants them. */
    private Spikes trial;

    Room(PassShape shape) {
      this.shape = shape;
      double least = shape.leastSlope() * spec.neuron().distance();
      pass = new HybridPass(layer.leastSlope(least), simulator);
      int neurons = spec.neurons();
      kick = shape.trains() ? context.backend().allocate(context.type(), neurons) : null;
      try {
        spikes =
            Spikes.outputs(
                context.backend(), context.type(), shape.batch(), SpikingLayers.capacity(neurons));
        trial =
            tries()
                ? Spikes.outputs(
                    context.backend(), context.type(), shape.batch(), spikes.capacity())
                : null;
      } catch (RuntimeException | Error e) {
        close();
        throw e;
      }
      counter = SpikingLayers.counter(neurons, shape.batch(), () -> spikes, kick);
      potentials =
          new PotentialMeter(
              neurons,
              shape.batch(),
              () -> context.backend().allocate(context.type(), shape.batch(), neurons),
              means -> pass.meanPotentials(input, spikes, means));
    }

    @Override
    public Signal forward(Signal below, Run run) {
      counter.begin();
      potentials.begin();
      input = ((Signal.Events) below).spikes();
      spikes = pass.forward(input, spikes);
      return new Signal.Events(spikes);
    }

    @Override
    public DeviceArray backward(Signal below, DeviceArray errors, boolean descend, Run run) {
      Spikes sent = ((Signal.Events) below).spikes();
      DeviceArray byMeans = potentials.pushed();
      List<DeviceArray> none = Collections.nCopies(gradients.parameters().size(), null);
      // Before the pass itself, which writes the errors of the input again.
      if (absentInput != null) {
        absentInput.search(
            sent,
            (tile, part) ->
                backward(
                    layer.over(tile, layer.recurrent()),
                    sent,
                    new HybridGradients(part, null, null, null, none),
                    byMeans));
      }
      if (absentRecurrent != null) {
        absentRecurrent.search(
            spikes,
            (tile, part) ->
                backward(
                    layer.over(layer.input(), tile),
                    sent,
                    new HybridGradients(null, null, part, null, none),
                    byMeans));
      }
      pass.backward(sent, spikes, gradients, counter.pushed(), byMeans);
      return null;
    }

    /** Whether another forward pass has to precede the backward pass over other synapses. */
    private boolean tries() {
      boolean searches = absentInput != null || absentRecurrent != null;
      return searches && shape.trains() && layer.tolerance() != 0;
    }

    /** Of the same neurons over synapses with which they spike the same. */
    private void backward(
        HybridLayer other, Spikes sent, HybridGradients wanted, DeviceArray byMeans) {
      double least = shape.leastSlope() * spec.neuron().distance();
      HybridPass again = new HybridPass(other.leastSlope(least), simulator);
      if (trial == null) {
        try (Resources copies = new Resources()) {
          Spikes own = byMeans == null ? spikes : SpikingLayers.withCopiedErrors(spikes, copies);
          again.backward(sent, own, wanted, counter.pushed(), byMeans);
        }
        return;
      }
      trial = again.forward(sent, trial);
      SpikingLayers.copyErrors(spikes, trial);
      again.backward(sent, trial, wanted, counter.pushed(), byMeans);
    }

    @Override
    public double slopeUnit() {
      return simulator.dt() == 0 ? spec.neuron().distance() : Double.NaN;
    }

    @Override
    public long heapBytes() {
      int below = context.below().columns();
      int events =
          context.layers().isEmpty() ? shape.eventCapacity() : SpikingLayers.capacity(below);
      long bytes = pass.heapBytes(shape.batch(), events, SpikingLayers.capacity(spec.neurons()));
      return tries() ? bytes + trialBytes(bytes) : bytes;
    }

    /** Of a pass over a tile, in proportion to its synapses. */
    private long trialBytes(long bytes) {
      long present = synapses();
      int input = absentInput == null ? 0 : absentInput.places((int) layer.input().count());
      int within =
          absentRecurrent == null ? 0 : absentRecurrent.places((int) layer.recurrent().count());
      return (long) Math.ceil((double) bytes / present * (present + Math.max(input, within)));
    }

    @Override
    public List<EventCounter> counters() {
      return List.of(counter);
    }

    @Override
    public PotentialMeter potentialMeter() {
      return potentials;
    }

    @Override
    public void close() {
      if (potentials != null) {
        potentials.close();
      }
      if (trial != null) {
        trial.close();
      }
      if (kick != null) {
        kick.close();
      }
      if (spikes != null) {
        spikes.close();
      }
    }
  }
}
