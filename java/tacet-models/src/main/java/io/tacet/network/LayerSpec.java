package io.tacet.network;

import java.util.List;
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

  /** Whether what it gives at a step depends on later ones. */
  default boolean seesLaterSteps() {
    return false;
  }

  /** Whether its units have events, so that there is an activity. */
  default boolean hasEvents() {
    return false;
  }

  /**
   * Whether a training tells how near its spikes are to vanishing, on the exact simulator; see
   * {@link SpikeMargin}.
   */
  default boolean watchesSpikes() {
    return false;
  }

  /** Whether it can give a trace after the last step, beside or instead of its steps. */
  default boolean givesTrace() {
    return false;
  }

  /**
   * Decay d of its trace in a step, {@code tr = d tr + (1-d) y}; only of layers that give one.
   *
   * @throws UnsupportedOperationException if it gives none
   */
  default double traceDecay() {
    throw new UnsupportedOperationException("." + cell() + "(...) gives no trace.");
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
   * The specification with defaults that depend on the layer below filled in.
   *
   * @param below null above the input
   * @throws IllegalArgumentException if that layer does not give what this one reads
   */
  default LayerSpec above(LayerSpec below) {
    return this;
  }

  /**
   * Refuses a place that does not suit it, beyond what {@link #over} sees.
   *
   * @param input of the network
   * @param layers all of the network
   * @param below output of the layer below, or the input
   * @throws IllegalArgumentException if it needs other layers or another input
   */
  default void checkWithin(InputSpec input, List<LayerSpec> layers, Flow below) {}

  /**
   * Multiplications of a step of a sample, forward.
   *
   * @param below output of the layer below, or the input
   * @param belowActivity fraction of the units below with an event
   * @param activity fraction of its own units with one
   */
  default MultiplyAdds multiplyAdds(Flow below, double belowActivity, double activity) {
    return MultiplyAdds.NONE;
  }

  /**
   * Output of the layer.
   *
   * @param below output of the layer below, or the input
   * @throws IllegalArgumentException if it does not accept that input
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
