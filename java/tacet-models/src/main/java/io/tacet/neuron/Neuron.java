package io.tacet.neuron;

import io.tacet.files.Suggestion;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A neuron of a layer: its dynamics, its parameters, the same for all neurons at the start, and
 * which of these train. Made by {@link Neurons}.
 *
 * @param dynamics its equations
 * @param values of all parameters, by name
 * @param trainable names of those that train, one value per neuron
 * @param tolerance see {@link HybridLayer}
 */
public record Neuron(
    HybridNeuron dynamics, Map<String, Double> values, Set<String> trainable, double tolerance) {

  /**
   * Checks names and values.
   *
   * @throws IllegalArgumentException if one is missing, unknown or invalid
   */
  public Neuron {
    Map<String, Double> all = new LinkedHashMap<>();
    for (NeuronParameter parameter : dynamics.parameters()) {
      all.put(parameter.name(), values.getOrDefault(parameter.name(), parameter.usual()));
    }
    values.keySet().forEach(name -> require(dynamics, name, all.keySet()));
    trainable.forEach(name -> require(dynamics, name, all.keySet()));
    values = Collections.unmodifiableMap(all);
    Set<String> ordered = new LinkedHashSet<>(all.keySet());
    ordered.retainAll(trainable);
    trainable = Collections.unmodifiableSet(ordered);
    Neurons.check(dynamics, array(all), "neuron");
    Neurons.checkTolerance(dynamics, tolerance);
  }

  private static void require(HybridNeuron dynamics, String name, Set<String> known) {
    if (!known.contains(name)) {
      throw new IllegalArgumentException(
          name
              + ": "
              + dynamics.name()
              + " has no such parameter; it has "
              + String.join(", ", known)
              + "."
              + Suggestion.sentence(name, known));
    }
  }

  private static double[] array(Map<String, Double> values) {
    return values.values().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** With another value of a parameter. */
  public Neuron with(String name, double value) {
    Map<String, Double> all = new LinkedHashMap<>(values);
    all.put(name, value);
    return new Neuron(dynamics, all, trainable, tolerance);
  }

  /** Adds to what trains. */
  public Neuron train(String... names) {
    Set<String> all = new LinkedHashSet<>(trainable);
    all.addAll(Arrays.asList(names));
    return new Neuron(dynamics, values, all, tolerance);
  }

  /** With another tolerance; 0 for the closed form. */
  public Neuron tolerance(double value) {
    return new Neuron(dynamics, values, trainable, value);
  }

  /** How far the condition of a spike is from being met at the start. */
  public double distance() {
    double[] x = new double[dynamics.variables().size()];
    dynamics.start(parameters(), x);
    return -dynamics.condition(0, x, parameters());
  }

  /** Dynamics are the same where their names are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Neuron neuron
        && dynamics.name().equals(neuron.dynamics.name())
        && values.equals(neuron.values)
        && trainable.equals(neuron.trainable)
        && tolerance == neuron.tolerance;
  }

  @Override
  public int hashCode() {
    return Objects.hash(dynamics.name(), values, trainable, tolerance);
  }

  /** Its parameters in the order of the dynamics. */
  public double[] parameters() {
    return array(values);
  }
}
