package io.tacet.tasks;

import io.tacet.eventprop.Simulator;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.files.Suggestion;
import io.tacet.memory.DType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The settings of a training: a value for each {@link Option} of its task. Immutable. */
public final class Settings {
  private static final String TASK = "task";
  private static final String RECIPE = "recipe";
  private static final String PRECISION = "precision";
  private static final String NETWORK = "network";

  private final Task task;
  private final String recipe;
  private final Map<String, Object> values;

  private Settings(Task task, String recipe, Map<String, Object> values) {
    this.task = task;
    this.recipe = recipe;
    this.values = values;
  }

  /**
   * The settings of a recipe.
   *
   * @param recipe null for the first
   * @throws IllegalArgumentException if the task has no such recipe
   */
  public static Settings of(Task task, String recipe) {
    Map<String, Map<String, Object>> recipes = task.recipes();
    String chosen = recipe == null ? recipes.keySet().iterator().next() : recipe;
    if (!recipes.containsKey(chosen)) {
      throw new IllegalArgumentException(
          "--recipe: expected one of "
              + String.join(", ", recipes.keySet())
              + ", got '"
              + recipe
              + "'."
              + Suggestion.sentence(chosen, recipes.keySet()));
    }
    Map<String, Object> values = new LinkedHashMap<>();
    task.options().forEach(option -> values.put(option.name(), option.usual()));
    return new Settings(task, chosen, values).with(recipes.get(chosen));
  }

  /**
   * Reads settings as {@link #toMap} writes them.
   *
   * @throws JsonException if the task, a key or a value is not known
   */
  public static Settings of(JsonObject json) throws JsonException {
    try {
      Task task = Tasks.of(json.text(TASK));
      Settings settings = of(task, json.text(RECIPE, null));
      Map<String, Object> given = new LinkedHashMap<>();
      for (String key : json.keys()) {
        if (!key.equals(TASK) && !key.equals(RECIPE)) {
          given.put(key, json.value(key));
        }
      }
      return settings.with(given);
    } catch (IllegalArgumentException e) {
      throw new JsonException(json.origin() + ": " + e.getMessage(), e);
    }
  }

  /**
   * The same with some values changed.
   *
   * @param changes by name of the option, as text or as they are
   * @throws IllegalArgumentException if there is no such option or a value does not fit
   */
  public Settings with(Map<String, ?> changes) {
    Map<String, Object> all = new LinkedHashMap<>(values);
    changes.forEach((name, value) -> all.put(name, option(name).value(value)));
    return new Settings(task, recipe, all);
  }

  private Option option(String name) {
    List<Option> options = task.options();
    return options.stream()
        .filter(option -> option.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    name
                        + ": "
                        + task.name()
                        + " has no such setting."
                        + Suggestion.sentence(name, options.stream().map(Option::name).toList())));
  }

  public Task task() {
    return task;
  }

  /** Name of the recipe that these began as. */
  public String recipe() {
    return recipe;
  }

  /** Whether the task has such a setting. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** An integer. */
  public int integer(String name) {
    return Math.toIntExact(longInteger(name));
  }

  /** An integer of 64 bits. */
  public long longInteger(String name) {
    return (Long) values.get(name);
  }

  /** A number. */
  public double real(String name) {
    return (Double) values.get(name);
  }

  /** A number, or another where the task has no such setting. */
  public double real(String name, double otherwise) {
    return has(name) ? real(name) : otherwise;
  }

  /** A flag; false where the task has no such setting. */
  public boolean flag(String name) {
    return Boolean.TRUE.equals(values.get(name));
  }

  /** One of some words. */
  public String text(String name) {
    return (String) values.get(name);
  }

  /** One of some constants. */
  public <E extends Enum<E>> E choice(String name, Class<E> type) {
    return Enum.valueOf(type, text(name).toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Integers. */
  public List<Integer> integers(String name) {
    return ((List<?>) values.get(name)).stream().map(n -> Math.toIntExact((Long) n)).toList();
  }

  /** Seed of weights, order and masks. */
  public long seed() {
    return longInteger("seed");
  }

  /** Number of epochs. */
  public int epochs() {
    return integer("epochs");
  }

  /** A JSON object. */
  public Map<?, ?> object(String name) {
    return (Map<?, ?>) values.get(name);
  }

  /** Type of the parameters: a setting of its own, or part of the network that is one. */
  public DType precision() {
    if (has(PRECISION)) {
      return text(PRECISION).equals("double") ? DType.FLOAT64 : DType.FLOAT32;
    }
    return DType.valueOf((String) object(NETWORK).get(PRECISION));
  }

  /** The same in another precision. */
  public Settings with(DType type) {
    if (has(PRECISION)) {
      return with(Map.of(PRECISION, type == DType.FLOAT64 ? "double" : "single"));
    }
    Map<Object, Object> network = new LinkedHashMap<>(object(NETWORK));
    network.put(PRECISION, type.name());
    return with(Map.of(NETWORK, network));
  }

  /** Simulator of a spiking task. */
  public Simulator simulator() {
    return text("simulator").equals("grid") ? Simulator.grid(real("dt")) : Simulator.exact();
  }

  /** As JSON has it: task, recipe and the value of each option. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(TASK, task.name());
    map.put(RECIPE, recipe);
    map.putAll(values);
    return Collections.unmodifiableMap(map);
  }
}
