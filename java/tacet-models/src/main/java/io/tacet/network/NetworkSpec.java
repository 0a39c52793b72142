package io.tacet.network;

import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.memory.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The structure of a network without its numbers; kept as JSON in a model file.
 *
 * @param sources number of input channels
 * @param duration end of the simulation in ms
 * @param precision FLOAT32 or FLOAT64
 * @param simulator exact or grid
 * @param layers from the first above the inputs to the output
 */
public record NetworkSpec(
    int sources, double duration, DType precision, Simulator simulator, List<LayerSpec> layers) {

  /** What a layer is. */
  public enum Kind {
    /** Leaky integrate-and-fire neurons. */
    LIF,
    /** Non-spiking leaky integrators. */
    READOUT
  }

  /**
   * One layer.
   *
   * @param kind spiking or not
   * @param neurons number of neurons
   * @param sparseInput whether input synapses are CSR instead of dense
   * @param inputDelays whether input synapses have a delay each
   * @param recurrent whether there are recurrent synapses
   * @param sparseRecurrent whether these are CSR instead of dense
   * @param recurrentDelays whether recurrent synapses have a delay each
   * @param reduction of a read-out, else null
   * @param trainable what trains besides the weights, in the order of the enum
   */
  public record LayerSpec(
      Kind kind,
      int neurons,
      boolean sparseInput,
      boolean inputDelays,
      boolean recurrent,
      boolean sparseRecurrent,
      boolean recurrentDelays,
      Reduction reduction,
      List<Trainable> trainable) {

    boolean trains(Trainable what) {
      return trainable.contains(what);
    }
  }

  /** The same structure with another simulator. */
  public NetworkSpec with(Simulator other) {
    return new NetworkSpec(sources, duration, precision, other, layers);
  }

  /** The same structure in another precision. */
  public NetworkSpec with(DType type) {
    return new NetworkSpec(sources, duration, type, simulator, layers);
  }

  /** Number of outputs. */
  public int outputs() {
    return layers.get(layers.size() - 1).neurons();
  }

  String toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("sources", sources);
    json.put("duration", duration);
    json.put("precision", precision);
    json.put("dt", simulator.dt());
    List<Object> all = new ArrayList<>();
    for (LayerSpec layer : layers) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("kind", layer.kind());
      one.put("neurons", layer.neurons());
      one.put("sparseInput", layer.sparseInput());
      one.put("inputDelays", layer.inputDelays());
      one.put("recurrent", layer.recurrent());
      one.put("sparseRecurrent", layer.sparseRecurrent());
      one.put("recurrentDelays", layer.recurrentDelays());
      one.put("reduction", layer.reduction());
      one.put("trainable", layer.trainable());
      all.add(one);
    }
    json.put("layers", all);
    return Json.line(json);
  }

  static NetworkSpec fromJson(String text) throws JsonException {
    Map<String, Object> json = Json.parseObject(text);
    List<LayerSpec> layers = new ArrayList<>();
    for (Object element : (List<?>) json.get("layers")) {
      Map<?, ?> one = (Map<?, ?>) element;
      List<Trainable> trainable = new ArrayList<>();
      for (Object name : (List<?>) one.get("trainable")) {
        trainable.add(Trainable.valueOf((String) name));
      }
      layers.add(
          new LayerSpec(
              Kind.valueOf((String) one.get("kind")),
              integer(one.get("neurons")),
              (Boolean) one.get("sparseInput"),
              (Boolean) one.get("inputDelays"),
              (Boolean) one.get("recurrent"),
              (Boolean) one.get("sparseRecurrent"),
              (Boolean) one.get("recurrentDelays"),
              one.get("reduction") == null
                  ? null
                  : Reduction.valueOf((String) one.get("reduction")),
              List.copyOf(trainable)));
    }
    return new NetworkSpec(
        integer(json.get("sources")),
        ((Number) json.get("duration")).doubleValue(),
        DType.valueOf((String) json.get("precision")),
        Simulator.ofStep(((Number) json.get("dt")).doubleValue()),
        List.copyOf(layers));
  }

  private static int integer(Object number) {
    return Math.toIntExact(((Number) number).longValue());
  }
}
