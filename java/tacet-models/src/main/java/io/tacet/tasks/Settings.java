package io.tacet.tasks;

import io.tacet.eventprop.Simulator;
import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.memory.DType;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What can be set in a task's training.
 *
 * @param task name of the task
 * @param recipe name of the settings these began as, such as paper
 * @param epochs passes over the training set
 * @param batch samples per update
 * @param seed of weights, order and dropout
 * @param hidden hidden neurons
 * @param duration end of the simulation in ms
 * @param precision FLOAT32, or FLOAT64 where the backend has it
 * @param simulator exact or grid
 * @param loss name of the loss, one of the task's
 */
public record Settings(
    String task,
    String recipe,
    int epochs,
    int batch,
    long seed,
    int hidden,
    double duration,
    DType precision,
    Simulator simulator,
    String loss) {

  /** As a JSON object, in the order of the components. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("task", task);
    map.put("recipe", recipe);
    map.put("epochs", epochs);
    map.put("batch", batch);
    map.put("seed", seed);
    map.put("hidden", hidden);
    map.put("duration", duration);
    map.put("precision", precision);
    map.put("simulator", simulator.dt() == 0 ? "exact" : "grid");
    map.put("dt", simulator.dt());
    map.put("loss", loss);
    return map;
  }

  /**
   * Reads what {@link #toMap} wrote as JSON text.
   *
   * @throws JsonException if the text is not such an object
   */
  public static Settings parse(String json) throws JsonException {
    Map<String, Object> map = Json.parseObject(json);
    try {
      return new Settings(
          (String) map.get("task"),
          (String) map.get("recipe"),
          number(map, "epochs").intValue(),
          number(map, "batch").intValue(),
          number(map, "seed").longValue(),
          number(map, "hidden").intValue(),
          number(map, "duration").doubleValue(),
          DType.valueOf((String) map.get("precision")),
          Simulator.ofStep(number(map, "dt").doubleValue()),
          (String) map.get("loss"));
    } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
      throw new JsonException("The settings of the training are not understood: " + json, e);
    }
  }

  private static Number number(Map<String, Object> map, String key) {
    return (Number) map.get(key);
  }

  /** The same in another precision. */
  public Settings withPrecision(DType type) {
    return new Settings(task, recipe, epochs, batch, seed, hidden, duration, type, simulator, loss);
  }
}
