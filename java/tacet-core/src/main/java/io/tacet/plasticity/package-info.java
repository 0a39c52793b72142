/**
 * Local plasticity of dense weights: learning from what a synapse sees, without a gradient.
 *
 * @since 0.1
 */
package io.tacet.plasticity;
