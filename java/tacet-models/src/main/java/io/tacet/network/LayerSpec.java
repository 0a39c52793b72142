package io.tacet.network;

import java.util.Map;

/**
 * A layer of a specification: structure and initial distributions, without numbers. One record for
 * each cell, equal where it describes the same.
 */
public interface LayerSpec {
  /** Name of the cell in files, one of {@link Cells}. */
  String cell();

  /** How its arrays are named, by its number among the layers that are numbered. */
  default String name(int number) {
    return "layer" + number;
  }

  /** Directions in time: 2 of a bidirectional layer. */
  default int directions() {
    return 1;
  }

  /** Whether its units have events, so that there is an activity. */
  default boolean hasEvents() {
    return false;
  }

  /** Whether it can give a trace after the last step, beside or instead of its steps. */
  default boolean givesTrace() {
    return false;
  }

  /** Whether it reads the trace of the layer below, and not its steps. */
  default boolean readsTrace() {
    return false;
  }

  /** Whether it gives a loss a row for every step, else one for the whole sequence. */
  default boolean readsEveryStep() {
    return false;
  }

  /**
   * The same where all is said; else with what follows from the layer below.
   *
   * @param below null above the input
   * @throws IllegalArgumentException if that layer does not give what this one reads
   */
  default LayerSpec above(LayerSpec below) {
    return this;
  }

  /**
   * Multiplications of a step of a sample, forward.
   *
   * @param below what it stands on
   * @param belowActivity fraction of the units below with an event
   * @param activity fraction of its own units with one
   */
  default MultiplyAdds multiplyAdds(Flow below, double belowActivity, double activity) {
    return MultiplyAdds.NONE;
  }

  /**
   * What the layer gives.
   *
   * @param below what it stands on
   * @throws IllegalArgumentException if it does not take that
   */
  Flow over(Flow below);

  /**
   * Draws initial numbers.
   *
   * @param name with which names of its arrays begin
   */
  void draw(String name, Flow below, Draws draws, Numbers into);

  /** Makes the layer; the caller closes it. */
  Layer create(LayerContext context);

  /** As JSON has it, without the name of the cell. */
  Map<String, Object> toMap();
}
