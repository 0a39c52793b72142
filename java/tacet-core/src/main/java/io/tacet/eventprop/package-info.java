/**
 * Spiking layers of current-based leaky integrate-and-fire neurons and their exact gradients by the
 * adjoint method: EventProp (Wunderlich and Pehle, 2021, Sci. Rep. 11:12829), with delays after
 * M&eacute;sz&aacute;ros, Knight and Nowotny (2025).
 *
 * <p>{@link io.tacet.eventprop.LifLayer} is the simulated layer, {@link io.tacet.eventprop.Spikes}
 * its input and output, {@link io.tacet.eventprop.ExactEventProp} the event-driven simulator in
 * continuous time, {@link io.tacet.eventprop.Readouts} non-spiking outputs and {@link
 * io.tacet.eventprop.Losses} the loss functions.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.eventprop;

import io.tacet.Stability;
