package io.tacet.circuits;

/**
 * Synapses of each neuron of a population of a {@link RateCircuit} with each of another one.
 *
 * @param from name of the presynaptic population
 * @param to name of the postsynaptic population
 * @param weights [neurons of from][neurons of to]; no synapse where it is 0
 */
public record RateProjection(String from, String to, double[] weights) {}
