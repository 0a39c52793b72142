package io.tacet.network.cells;

import io.tacet.InterruptedPassException;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.LifParameters;
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
import io.tacet.network.Layer;
import io.tacet.network.LayerArrays;
import io.tacet.network.LayerContext;
import io.tacet.network.LayerPass;
import io.tacet.network.LayerSpec;
import io.tacet.network.Lif;
import io.tacet.network.Numbers;
import io.tacet.network.PassShape;
import io.tacet.network.PotentialMeter;
import io.tacet.network.RecurrentSynapses;
import io.tacet.network.Run;
import io.tacet.network.Signal;
import io.tacet.network.Trainable;
import io.tacet.sparse.Synapses;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Leaky integrate-and-fire neurons with exact gradients (EventProp), on event times; see {@link
 * io.tacet.eventprop.ExactEventProp} and {@link io.tacet.eventprop.GridEventProp}.
 */
public final class LifCell implements Layer {
  static final String NAME = "lif";

  private static final double SMALLEST_TAU = 0.5;
  private static final double SMALLEST_THRESHOLD = 0.05;

  /**
   * A layer.
   *
   * @param neurons how many
   * @param lif their parameters, and what trains besides weights
   * @param input synapses from below
   * @param recurrent synapses within the layer; null for none
   */
  public record Spec(int neurons, Lif lif, Connection input, Connection recurrent)
      implements LayerSpec {
    /**
     * Checks the number of neurons, and that weights are given: spiking layers have no usual ones.
     */
    public Spec {
      SpikingLayers.check(".lif", neurons, input, recurrent);
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
      return SpikingLayers.over(".lif", below, neurons, input);
    }

    boolean trains(Trainable what) {
      return switch (what) {
        case INPUT_DELAYS -> input.learnedDelays();
        case RECURRENT_DELAYS -> recurrent != null && recurrent.learnedDelays();
        default -> lif.trainable().contains(what);
      };
    }

    @Override
    public void draw(String name, Flow below, Draws draws, Numbers into) {
      SynapseDraw.draw(into, name + ".", below.columns(), neurons, input, draws);
      if (recurrent != null) {
        SynapseDraw.draw(into, name + ".recurrent.", neurons, neurons, recurrent, draws);
      }
      fill(into, name + ".tauMem", lif.tauMem(), Trainable.TAU_MEM);
      fill(into, name + ".tauSyn", lif.tauSyn(), Trainable.TAU_SYN);
      fill(into, name + ".threshold", lif.threshold(), Trainable.THRESHOLD);
      fill(into, name + ".reset", lif.reset(), Trainable.RESET);
      fill(into, name + ".bias", lif.bias(), Trainable.BIAS);
    }

    /** One number for all neurons, or one for each where they train. */
    private void fill(Numbers into, String name, double value, Trainable trainable) {
      into.fill(name, value, trains(trainable) ? neurons : 1);
    }

    @Override
    public Layer create(LayerContext context) {
      return new LifCell(this, context);
    }

    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("neurons", neurons);
      map.put("tauMem", lif.tauMem());
      map.put("tauSyn", lif.tauSyn());
      map.put("threshold", lif.threshold());
      map.put("reset", lif.reset());
      map.put("bias", lif.bias());
      map.put("train", lif.trainable().stream().sorted().toList());
      map.put("input", input.toMap());
      if (recurrent != null) {
        map.put("recurrent", recurrent.toMap());
      }
      return map;
    }
  }

  static LayerSpec read(JsonObject json) throws JsonException {
    Specs.only(
        json,
        "neurons",
        "tauMem",
        "tauSyn",
        "threshold",
        "reset",
        "bias",
        "train",
        "input",
        "recurrent");
    Lif lif =
        Lif.tau(json.real("tauMem"), json.real("tauSyn"))
            .threshold(json.real("threshold", 1))
            .reset(json.real("reset", 0))
            .bias(json.real("bias", 0));
    for (Trainable trainable : json.choices("train", Trainable.class)) {
      lif = lif.train(trainable);
    }
    return new Spec(
        json.integer("neurons"),
        lif,
        Connection.of(json, "input"),
        Connection.orNull(json, "recurrent"));
  }

  private final Spec spec;
  private final LayerContext context;
  private final LayerArrays arrays;
  private final LifLayer layer;
  private final LayerGradients gradients;

  /** Null where nobody will want them. */
  private final AbsentTiles absentInput;

  private final AbsentTiles absentRecurrent;

  private LifCell(Spec spec, LayerContext context) {
    this.spec = spec;
    this.context = context;
    this.arrays = context.arrays();
    String name = context.name();
    double duration = context.network().duration();
    try {
      Synapses input =
          SynapseDraw.view(
              arrays, name + ".", context.below().columns(), spec.neurons(), spec.input());
      Synapses recurrent =
          spec.recurrent() == null
              ? null
              : SynapseDraw.view(
                  arrays, name + ".recurrent.", spec.neurons(), spec.neurons(), spec.recurrent());
      layer =
          new LifLayer(
              input,
              recurrent,
              new LifParameters(
                  arrays.real(name + ".tauMem"),
                  arrays.real(name + ".tauSyn"),
                  arrays.real(name + ".threshold"),
                  arrays.real(name + ".reset"),
                  arrays.real(name + ".bias")),
              duration);
      double none = Double.POSITIVE_INFINITY;
      gradients =
          new LayerGradients(
              arrays.train(name + ".weights"),
              trained(Trainable.INPUT_DELAYS, ".delays", 0, duration),
              recurrent == null ? null : arrays.train(name + ".recurrent.weights"),
              trained(Trainable.RECURRENT_DELAYS, ".recurrent.delays", 0, duration),
              trained(Trainable.TAU_MEM, ".tauMem", SMALLEST_TAU, none),
              trained(Trainable.TAU_SYN, ".tauSyn", SMALLEST_TAU, none),
              trained(Trainable.THRESHOLD, ".threshold", SMALLEST_THRESHOLD, none),
              trained(Trainable.RESET, ".reset", -none, 0),
              trained(Trainable.BIAS, ".bias", -none, none));
      absentInput = arrays.tiles(name + ".weights");
      absentRecurrent = arrays.tiles(name + ".recurrent.weights");
    } catch (RuntimeException | Error e) {
      arrays.close();
      throw e;
    }
  }

  private DeviceArray trained(Trainable what, String name, double low, double high) {
    return spec.trains(what)
        ? arrays.train(context.name() + name, low, high, rateScale(what))
        : null;
  }

  /** Times are of the order of 10 ms where weights are of the order of 1. */
  private static double rateScale(Trainable what) {
    return switch (what) {
      case INPUT_DELAYS, RECURRENT_DELAYS, TAU_MEM, TAU_SYN -> 10;
      case THRESHOLD, RESET, BIAS -> 1;
    };
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
    private final LifLayer trained;
    private final EventCounter counter;
    private final PotentialMeter potentials;
    private final DeviceArray kick;
    private Spikes spikes;

    /** What the last forward pass has taken. */
    private Spikes input;

    Room(PassShape shape) {
      int neurons = spec.neurons();
      trained = layer.leastSlope(shape.leastSlope() * spec.lif().threshold());
      kick = shape.trains() ? context.backend().allocate(context.type(), neurons) : null;
      try {
        spikes =
            Spikes.outputs(
                context.backend(), context.type(), shape.batch(), SpikingLayers.capacity(neurons));
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
              means -> simulator.meanPotentials(layer, input, spikes, means));
    }

    @Override
    public Signal forward(Signal below, Run run) {
      InterruptedPassException.check();
      counter.begin();
      potentials.begin();
      input = ((Signal.Events) below).spikes();
      simulator.forward(layer, input, spikes);
      return new Signal.Events(spikes);
    }

    @Override
    public DeviceArray unsettled() {
      return spikes.counts();
    }

    @Override
    public boolean settle(int[] counts) {
      int needed = simulator.largestCount(layer, input, spikes, counts);
      if (needed <= spikes.capacity()) {
        return true;
      }
      Spikes larger = simulator.larger(layer, spikes, needed);
      spikes.close();
      spikes = larger;
      return false;
    }

    @Override
    public DeviceArray backward(Signal below, DeviceArray errors, boolean descend, Run run) {
      Spikes sent = ((Signal.Events) below).spikes();
      // Before the pass itself, which writes the errors of the input again.
      DeviceArray byMeans = potentials.pushed();
      if (absentInput != null) {
        absentInput.search(
            sent,
            (tile, gradient) ->
                search(
                    trained.over(tile, trained.recurrent()),
                    sent,
                    LayerGradients.weights(gradient, null),
                    byMeans));
      }
      if (absentRecurrent != null) {
        absentRecurrent.search(
            spikes,
            (tile, gradient) ->
                search(
                    trained.over(trained.input(), tile),
                    sent,
                    LayerGradients.weights(null, gradient),
                    byMeans));
      }
      simulator.backward(trained, sent, spikes, gradients, counter.pushed(), byMeans);
      return null;
    }

    /** Of the same neurons over synapses with which they spike the same. */
    private void search(LifLayer over, Spikes sent, LayerGradients wanted, DeviceArray byMeans) {
      try (Resources copies = new Resources()) {
        Spikes own = byMeans == null ? spikes : SpikingLayers.withCopiedErrors(spikes, copies);
        simulator.backward(over, sent, own, wanted, counter.pushed(), byMeans);
      }
    }

    @Override
    public PotentialMeter potentialMeter() {
      return potentials;
    }

    /** Not on a grid, where V passes the threshold within a step and by a part of one. */
    @Override
    public double slopeUnit() {
      Lif lif = spec.lif();
      return simulator.dt() == 0 ? lif.tauMem() * lif.threshold() : Double.NaN;
    }

    @Override
    public List<EventCounter> counters() {
      return List.of(counter);
    }

    @Override
    public void close() {
      if (potentials != null) {
        potentials.close();
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
