/**
 * The dentate gyrus of Galloni et al. (2022): granule cells, interneurons and mossy cells as rate
 * neurons with conductance synapses, and how sparse and how different their answers to similar
 * patterns are. {@link io.tacet.systems.dentate.Model} is the table of circuits, {@link
 * io.tacet.systems.dentate.DentateNetwork} a network with its weights, {@link
 * io.tacet.systems.dentate.Dentate} the experiment, and {@link
 * io.tacet.systems.dentate.DentateValidation} says whether it comes out as published.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.systems.dentate;

import io.tacet.Stability;
