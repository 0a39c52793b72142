package io.tacet.network;

import io.tacet.eventprop.Simulator;
import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network without its numbers: what a builder, a configuration or a model file describes. Kept as
 * JSON, of which this is version {@value #VERSION}.
 *
 * @param input what enters
 * @param precision FLOAT32 or FLOAT64
 * @param layers from the first above the input to the output
 */
public record NetworkSpec(InputSpec input, DType precision, List<LayerSpec> layers) {
  /** Version of the JSON. */
  public static final int VERSION = 2;

  /**
   * Checks that each layer takes what the one below gives.
   *
   * @throws IllegalArgumentException if not, in a sentence that names the layer
   */
  public NetworkSpec {
    layers = stacked(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("layers: expected at least one layer, got none.");
    }
    if (!precision.isFloating()) {
      throw new IllegalArgumentException(
          "precision: expected FLOAT32 or FLOAT64, got " + precision + ".");
    }
    Flow below = input.flow();
    for (LayerSpec layer : layers) {
      Flow above = layer.over(below);
      layer.checkWithin(input, layers, below);
      below = above;
    }
    refuseFuture(input, layers);
  }

  private static void refuseFuture(InputSpec input, List<LayerSpec> layers) {
    boolean ahead = layers.stream().anyMatch(LayerSpec::seesLaterSteps);
    if (ahead && input instanceof InputSpec.Tokens) {
      throw new IllegalArgumentException(
          "bidirectional, reversed: expected with dense inputs that are read out at their end only,"
              + " since a network that predicts the next token would see it.");
    }
  }

  private static List<LayerSpec> stacked(List<LayerSpec> layers) {
    List<LayerSpec> all = new ArrayList<>();
    for (LayerSpec layer : layers) {
      all.add(layer.above(all.isEmpty() ? null : all.get(all.size() - 1)));
    }
    return List.copyOf(all);
  }

  /** Starts building a specification without a backend; ends with {@link NetworkBuilder#spec}. */
  public static NetworkBuilder builder() {
    return new NetworkBuilder(null);
  }

  /** End of the simulation in ms; of steps NaN. */
  public double duration() {
    return input instanceof InputSpec.Spikes spikes ? spikes.duration() : Double.NaN;
  }

  /** Simulator of spiking layers; exact where there are none. */
  public Simulator simulator() {
    return input instanceof InputSpec.Spikes spikes ? spikes.simulator() : Simulator.exact();
  }

  /** Whether a training tells how near spikes are to vanishing; see {@link SpikeMargin}. */
  public boolean watchesSpikes() {
    return simulator().dt() == 0 && layers.stream().anyMatch(LayerSpec::watchesSpikes);
  }

  /** Input of a layer; for the number of layers, the output of the network. */
  public Flow below(int layer) {
    Flow flow = input.flow();
    for (int k = 0; k < layer; k++) {
      flow = layers.get(k).over(flow);
    }
    return flow;
  }

  /** Number of outputs. */
  public int outputs() {
    return below(layers.size()).columns();
  }

  /** Whether a loss is given a row for every step, else one for the whole sequence. */
  public boolean readsEveryStep() {
    return layers.get(layers.size() - 1).readsEveryStep();
  }

  /** Names of the layers, with which names of their arrays begin. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    int number = 0;
    for (LayerSpec layer : layers) {
      String name = layer.name(number);
      names.add(name);
      number += name.equals("layer" + number) ? 1 : 0;
    }
    return names;
  }

  /** The same structure with another simulator. */
  public NetworkSpec with(Simulator other) {
    if (input instanceof InputSpec.Spikes spikes) {
      return new NetworkSpec(
          new InputSpec.Spikes(spikes.channels(), spikes.duration(), other), precision, layers);
    }
    throw new IllegalArgumentException(
        "simulator: expected a network of event times, got one of " + input.toMap() + ".");
  }

  /** The same structure in another precision. */
  public NetworkSpec with(DType type) {
    return new NetworkSpec(input, type, layers);
  }

  /** As JSON has it. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("version", VERSION);
    map.put("precision", precision);
    map.put("input", input.toMap());
    List<Object> all = new ArrayList<>();
    for (LayerSpec layer : layers) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("cell", layer.cell());
      one.putAll(layer.toMap());
      all.add(one);
    }
    map.put("layers", all);
    return map;
  }

  /** As JSON text on one line. */
  public String toJson() {
    return Json.line(toMap());
  }

  /**
   * Reads what {@link #toMap} or a user wrote.
   *
   * @throws JsonException if it is invalid; the message names the key, the expected and the found
   *     value
   */
  public static NetworkSpec of(JsonObject json) throws JsonException {
    int version = json.integer("version", json.has("sources") ? 1 : VERSION);
    if (version != VERSION) {
      throw json.problem(
          "version",
          "expected "
              + VERSION
              + ", found "
              + version
              + ", of "
              + (version < VERSION ? "an older" : "a newer")
              + " Tacet. Train the network again, or use the Tacet that wrote it.");
    }
    json.only("version", "precision", "input", "layers");
    List<LayerSpec> layers = new ArrayList<>();
    for (JsonObject layer : json.objects("layers")) {
      layers.add(Cells.read(layer));
    }
    DType precision = json.choice("precision", DType.class, DType.FLOAT32);
    try {
      return new NetworkSpec(InputSpec.of(json.object("input")), precision, layers);
    } catch (IllegalArgumentException e) {
      throw json.problem("layers", e.getMessage());
    }
  }
}
