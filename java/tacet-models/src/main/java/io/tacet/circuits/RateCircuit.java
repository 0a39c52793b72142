package io.tacet.circuits;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Populations of rate neurons with conductance synapses, all samples of a batch at once (the model
 * of Galloni et al. 2022, Front. Comput. Neurosci. 16:826278). For a synapse from i to j,
 *
 * <pre>
 * dg_ij/dt = -g_ij / tau_decay + max(0, r_i - g_ij) / tau_rise
 * dV_j/dt  = (-V_j + sum_i w_ij g_ij (E_i - V_j)) / tau_m,    r_j = f(V_j)
 * </pre>
 *
 * from V = 0 and g = 0. Neither j nor w_ij is in the equation of g_ij, so it is the same for all
 * synapses of a neuron, and one number per neuron is integrated where the equations have one per
 * synapse: exact, not an approximation. What is left per synapse is the sum of w_ij g_i, computed
 * by {@link RateSums} on the backend; the rest, a few operations per neuron, is integrated by
 * Heun's method in double precision on the CPU, so that there the conductances are copied to the
 * backend and the sums back twice a step.
 *
 * <p>Closed by its creator, before the backend. One thread at a time.
 */
public final class RateCircuit implements AutoCloseable {
  private final RateNeuron neuron;
  private final List<RatePopulation> populations;
  private final int[] first;
  private final int batch;
  private final Resources owned = new Resources();
  private final RateSums sums;
  private final DeviceArray conductance;

  /**
   * Copies the weights to the backend.
   *
   * @param type of the weights and sums
   * @param populations in the order of their units in {@link RateRun}; names are different
   * @param projections at most one between two populations
   * @param batch number of samples, at least 1
   * @param method how weights and conductances are summed
   * @throws IllegalArgumentException if a projection names a population that there is not, reaches
   *     an input, is there twice, or has weights that are not finite or not those of all pairs
   */
  public RateCircuit(
      Backend backend,
      DType type,
      RateNeuron neuron,
      List<RatePopulation> populations,
      List<RateProjection> projections,
      int batch,
      RateSums.Method method) {
    this.neuron = neuron;
    this.populations = List.copyOf(populations);
    this.first = new int[populations.size() + 1];
    this.batch = batch;
    Set<String> names = new HashSet<>();
    for (int p = 0; p < populations.size(); p++) {
      first[p + 1] = Math.addExact(first[p], populations.get(p).size());
      if (!names.add(populations.get(p).name())) {
        throw new IllegalArgumentException(
            "populations: expected different names, got two '" + populations.get(p).name() + "'.");
      }
    }
    double[] weights = weights(projections);
    try {
      sums = owned.own(RateSums.of(backend, type, units(), 2 * units(), weights, batch, method));
      conductance = owned.own(backend.allocate(type, batch, units()));
    } catch (RuntimeException | Error e) {
      owned.close();
      throw e;
    }
  }

  /** Number of neurons of all populations. */
  public int units() {
    return first[populations.size()];
  }

  /**
   * Simulates from rest.
   *
   * @param inputs rates of the input populations, one after the other, [batch][input neurons]
   * @param dt length of a step in ms, positive
   * @param steps number of steps, at least 1
   * @param from the first step that counts for the mean rates, below {@code steps}; rates are those
   *     of the beginnings of steps
   */
  public RateRun run(double[] inputs, double dt, int steps, int from) {
    if (!(dt > 0) || from < 0 || steps <= from) {
      throw new IllegalArgumentException(
          "dt, steps, from: expected positive ms and 0 <= from < steps, got "
              + dt
              + " ms, "
              + steps
              + " and "
              + from
              + ".");
    }
    RateState state = new RateState(neuron, batch, dt, membrane(), decay());
    hold(state, inputs);
    double[] rates = new double[batch * units()];
    long events = 0;
    for (int step = 0; step < steps; step++) {
      if (step >= from) {
        state.addRates(rates);
      }
      state.tryStep(sums.of(conductance.copyFrom(state.conductance())));
      events += sums.events();
      state.step(sums.of(conductance.copyFrom(state.trialConductance())));
      events += sums.events();
    }
    for (int i = 0; i < rates.length; i++) {
      rates[i] /= steps - from;
    }
    return new RateRun(populations, batch, rates, events / (2.0 * steps * batch));
  }

  @Override
  public void close() {
    owned.close();
  }

  private void hold(RateState state, double[] inputs) {
    int width = populations.stream().mapToInt(p -> p.isInput() ? p.size() : 0).sum();
    if (inputs.length != (long) batch * width) {
      throw new IllegalArgumentException(
          "inputs: expected [" + batch + "][" + width + "], got " + inputs.length + " elements.");
    }
    int at = 0;
    for (int b = 0; b < batch; b++) {
      for (int p = 0; p < populations.size(); p++) {
        for (int u = first[p]; populations.get(p).isInput() && u < first[p + 1]; u++) {
          double rate = inputs[at++];
          if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException(
                "inputs: expected rates in [0, 1], got " + rate + " in sample " + b + ".");
          }
          state.hold(b, u, rate);
        }
      }
    }
  }

  private double[] membrane() {
    double[] membrane = new double[units()];
    for (int p = 0; p < populations.size(); p++) {
      Arrays.fill(membrane, first[p], first[p + 1], 1 / populations.get(p).membraneTau());
    }
    return membrane;
  }

  private double[] decay() {
    double[] decay = new double[units()];
    for (int p = 0; p < populations.size(); p++) {
      Arrays.fill(decay, first[p], first[p + 1], 1 / populations.get(p).decayTau());
    }
    return decay;
  }

  /** [units][2][units]: from each unit to the excitatory and inhibitory sums of all. */
  private double[] weights(List<RateProjection> projections) {
    int units = units();
    double[] all = new double[Math.multiplyExact(units, 2 * units)];
    Set<String> seen = new HashSet<>();
    for (RateProjection projection : projections) {
      int from = index(projection.from());
      int to = index(projection.to());
      check(projection, populations.get(from), populations.get(to));
      String name = name(projection);
      if (!seen.add(name)) {
        throw new IllegalArgumentException(
            "projections: expected at most one from " + name + ", got two.");
      }
      int targets = populations.get(to).size();
      int column = first[to] + (populations.get(from).inhibitory() ? units : 0);
      for (int i = 0; i < populations.get(from).size(); i++) {
        int at = (first[from] + i) * 2 * units + column;
        System.arraycopy(projection.weights(), i * targets, all, at, targets);
      }
    }
    return all;
  }

  private int index(String name) {
    List<String> names = populations.stream().map(RatePopulation::name).toList();
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "projections: expected populations of the circuit, " + names + ", got '" + name + "'.");
    }
    return names.indexOf(name);
  }

  private static String name(RateProjection projection) {
    return projection.from() + " to " + projection.to();
  }

  private static void check(
      RateProjection projection, RatePopulation source, RatePopulation target) {
    if (target.isInput()) {
      throw new IllegalArgumentException(
          "projections: expected none to an input, got " + name(projection) + ".");
    }
    int expected = source.size() * target.size();
    if (projection.weights().length != expected) {
      throw new IllegalArgumentException(
          "weights: expected "
              + expected
              + " from "
              + name(projection)
              + ", got "
              + projection.weights().length
              + ".");
    }
    for (double weight : projection.weights()) {
      if (!Double.isFinite(weight)) {
        throw new IllegalArgumentException(
            "weights: expected finite numbers from " + name(projection) + ", got " + weight + ".");
      }
    }
  }
}
