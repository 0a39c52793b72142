/** Local plasticity of dense weights: learning from what a synapse sees, without a gradient. */
package io.tacet.plasticity;
