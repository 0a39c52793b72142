/**
 * Long simulations of large recurrent networks of spiking neurons, without gradients: {@link
 * io.tacet.simulation.Simulation} advances a {@link io.tacet.simulation.LifNetwork}, neurons that
 * are connected by {@link io.tacet.simulation.DelayedSynapses} and driven by constant currents and
 * {@link io.tacet.simulation.PoissonInput}, on a time grid, and hands over its spikes. Layers that
 * are trained are in {@code io.tacet.eventprop}.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.simulation;

import io.tacet.Stability;
