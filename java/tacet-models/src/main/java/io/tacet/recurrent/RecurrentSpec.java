package io.tacet.recurrent;

import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.memory.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The structure of a recurrent network without its numbers; kept as JSON in a model file.
 *
 * @param inputs channels of a dense input, or size of the vocabulary
 * @param tokens whether the input is a token a step instead of a row of numbers
 * @param embedding columns of the table of embeddings; 0 where a token selects a row of the first
 *     layer's input weights instead
 * @param units of each layer, from the first above the inputs
 * @param outputs classes, or size of the vocabulary
 * @param tied whether the table of embeddings is also the matrix of the read-out
 * @param everyStep whether the events of every step are read out instead of the trace after the
 *     last step
 * @param trainThresholds whether thresholds train
 * @param thresholdMean m of {@code thresholdDraw}: with BETA the mean of the initial thresholds, in
 *     (0, 1)
 * @param precision FLOAT32 or FLOAT64
 * @param options of all layers
 * @param bidirectional whether every layer has a second half that goes backward in time, with
 *     parameters of its own; what it sends is beside what the first half sends. Only for sequences
 *     that are read out at their end
 * @param thresholdDraw how initial thresholds are drawn
 */
public record RecurrentSpec(
    int inputs,
    boolean tokens,
    int embedding,
    List<Integer> units,
    int outputs,
    boolean tied,
    boolean everyStep,
    boolean trainThresholds,
    double thresholdMean,
    DType precision,
    EgruOptions options,
    boolean bidirectional,
    ThresholdDraw thresholdDraw) {

  public RecurrentSpec {
    units = List.copyOf(units);
    if (inputs < 1 || outputs < 1 || units.isEmpty() || units.stream().anyMatch(h -> h < 1)) {
      throw new IllegalArgumentException(
          "inputs, units, outputs: expected positive numbers and at least one layer, got "
              + inputs
              + ", "
              + units
              + ", "
              + outputs
              + ".");
    }
    if (embedding < 0 || (embedding > 0 && !tokens)) {
      throw new IllegalArgumentException(
          "embedding: expected a positive number of columns for tokens, else 0, got "
              + embedding
              + ".");
    }
    if (bidirectional && (tokens || everyStep)) {
      throw new IllegalArgumentException(
          "bidirectional: expected with dense inputs that are read out at their end only, since a"
              + " network that predicts the next token would see it.");
    }
    int last = units.get(units.size() - 1);
    if (tied && (embedding != last || inputs != outputs)) {
      throw new IllegalArgumentException(
          "tied: expected an embedding of "
              + last
              + " columns, as many as the last layer has units, got "
              + embedding
              + ".");
    }
    thresholdDraw.check(thresholdMean);
  }

  /** Layers that go forward in time only, thresholds from {@link ThresholdDraw#BETA}. */
  public RecurrentSpec(
      int inputs,
      boolean tokens,
      int embedding,
      List<Integer> units,
      int outputs,
      boolean tied,
      boolean everyStep,
      boolean trainThresholds,
      double thresholdMean,
      DType precision,
      EgruOptions options) {
    this(
        inputs,
        tokens,
        embedding,
        units,
        outputs,
        tied,
        everyStep,
        trainThresholds,
        thresholdMean,
        precision,
        options,
        false,
        ThresholdDraw.BETA);
  }

  /** Number of layers. */
  public int layers() {
    return units.size();
  }

  /** Directions of a layer: 1, or 2 of a bidirectional one. */
  public int directions() {
    return bidirectional ? 2 : 1;
  }

  /**
   * Names of the directions of all layers, which begin the names of their arrays: {@code layer0,
   * layer0.reverse, layer1} and so on.
   */
  public List<String> strands() {
    List<String> names = new ArrayList<>();
    for (int k = 0; k < layers(); k++) {
      names.add("layer" + k);
      if (bidirectional) {
        names.add("layer" + k + ".reverse");
      }
    }
    return names;
  }

  /** Units of a strand. */
  int unitsOf(int strand) {
    return units.get(strand / directions());
  }

  /** Columns of what enters a layer; the vocabulary for tokens without embedding. */
  int inputsOf(int layer) {
    if (layer > 0) {
      return outputsOf(layer - 1);
    }
    return embedding > 0 ? embedding : inputs;
  }

  /** Columns of what a layer sends: its units in all directions. */
  int outputsOf(int layer) {
    return directions() * units.get(layer);
  }

  /** Columns of what the last layer sends. */
  int top() {
    return outputsOf(layers() - 1);
  }

  /** The same structure in another precision. */
  public RecurrentSpec with(DType type) {
    return new RecurrentSpec(
        inputs,
        tokens,
        embedding,
        units,
        outputs,
        tied,
        everyStep,
        trainThresholds,
        thresholdMean,
        type,
        options,
        bidirectional,
        thresholdDraw);
  }

  String toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("inputs", inputs);
    json.put("tokens", tokens);
    json.put("embedding", embedding);
    json.put("units", units);
    json.put("outputs", outputs);
    json.put("tied", tied);
    json.put("everyStep", everyStep);
    json.put("trainThresholds", trainThresholds);
    json.put("thresholdMean", thresholdMean);
    json.put("precision", precision);
    json.put("variant", options.variant());
    json.put("events", options.events());
    json.put("zoneout", options.zoneout());
    json.put("gamma", options.gamma());
    json.put("sharpness", options.sharpness());
    json.put("traceDecay", options.traceDecay());
    json.put("engine", options.engine());
    json.put("bidirectional", bidirectional);
    json.put("thresholdDraw", thresholdDraw);
    return Json.line(json);
  }

  static RecurrentSpec fromJson(String text) throws JsonException {
    Map<String, Object> json = Json.parseObject(text);
    return new RecurrentSpec(
        integer(json.get("inputs")),
        (Boolean) json.get("tokens"),
        integer(json.get("embedding")),
        ((List<?>) json.get("units")).stream().map(RecurrentSpec::integer).toList(),
        integer(json.get("outputs")),
        (Boolean) json.get("tied"),
        (Boolean) json.get("everyStep"),
        (Boolean) json.get("trainThresholds"),
        real(json.get("thresholdMean")),
        DType.valueOf((String) json.get("precision")),
        new EgruOptions(
            EgruVariant.valueOf((String) json.get("variant")),
            (Boolean) json.get("events"),
            real(json.get("zoneout")),
            real(json.get("gamma")),
            real(json.get("sharpness")),
            real(json.get("traceDecay")),
            EgruEngine.valueOf((String) json.get("engine"))),
        // Older files do not have these.
        Boolean.TRUE.equals(json.get("bidirectional")),
        ThresholdDraw.valueOf((String) json.getOrDefault("thresholdDraw", "BETA")));
  }

  private static int integer(Object number) {
    return Math.toIntExact(((Number) number).longValue());
  }

  private static double real(Object number) {
    return ((Number) number).doubleValue();
  }
}
