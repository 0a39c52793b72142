/**
 * Two tasks on the same stimuli, told apart by a context: networks that learn them in rich or lazy
 * representations (Flesch, Juechems, Dumbalska, Saxe and Summerfield 2022, Neuron 110:1258), and
 * networks that learn them one after the other by Hebbian gating of their context inputs (Flesch,
 * Nagy, Saxe and Summerfield 2023, PLoS Computational Biology 19:e1010808).
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.systems.multitask;

import io.tacet.Stability;
