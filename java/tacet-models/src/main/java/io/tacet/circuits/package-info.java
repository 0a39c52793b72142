/**
 * Circuits to simulate: the cortical microcircuit of {@link io.tacet.circuits.Microcircuit}, built
 * by {@link io.tacet.circuits.CircuitBuilder}, and measured connectomes as networks of spiking
 * neurons ({@link io.tacet.circuits.ConnectomeNetwork}). {@link io.tacet.circuits.CircuitRun}
 * simulates one and {@link io.tacet.circuits.Activity} describes what it does. {@link
 * io.tacet.circuits.RateCircuit} has rate neurons with conductance synapses.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.circuits;

import io.tacet.Stability;
