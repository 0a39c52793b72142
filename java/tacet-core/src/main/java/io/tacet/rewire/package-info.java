/**
 * Dynamic sparsity: synapses of a {@link io.tacet.sparse.SparsePattern} are dropped and others
 * grown while a network trains, with everything that belongs to a synapse moving along. {@link
 * io.tacet.rewire.Rewirer} has the steps of which SET, RigL, DEEP R and magnitude pruning are made.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.rewire;

import io.tacet.Stability;
