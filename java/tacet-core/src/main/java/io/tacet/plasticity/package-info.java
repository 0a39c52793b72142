/**
 * Local plasticity of dense weights: learning from what a synapse sees, without a gradient.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.plasticity;

import io.tacet.Stability;
