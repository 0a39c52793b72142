/**
 * EventProp for any neuron that is a hybrid dynamical system: smooth dynamics between events, a
 * condition that says when an event happens, and a transition (Wunderlich and Pehle 2021,
 * discussion; the derivation is in docs/hybrid-neurons.md).
 *
 * <p>{@link io.tacet.neuron.HybridNeuron} is a neuron, {@link io.tacet.neuron.Neurons} those that
 * are here, {@link io.tacet.neuron.HybridLayer} a layer of them and {@link
 * io.tacet.neuron.HybridPass} its simulation and adjoint: in closed form on any backend where
 * {@link io.tacet.neuron.IntegrateAndFire} has one, else numerically on the java backend.
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.neuron;

import io.tacet.Stability;
