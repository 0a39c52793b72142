/**
 * Sparse event propagation: {@link io.tacet.sparse.Synapses} hold a connectivity with weights, rows
 * by source, on one backend; {@link io.tacet.sparse.Events} say which units are active; {@link
 * io.tacet.sparse.EventPropagation} computes the currents of the targets from events, the adjoints
 * of events from those of the targets, and the gradient of the weights from both. {@link
 * io.tacet.sparse.Elimination} propagates the silence of units instead: it finds the targets that
 * no silent source has a synapse onto.
 *
 * <p>Which synapses to choose: {@link io.tacet.sparse.DenseSynapses} above a few per cent of
 * density; {@link io.tacet.sparse.CsrSynapses} for any sparse pattern; {@link
 * io.tacet.sparse.FixedFanOutSynapses} where rows have one length; {@link
 * io.tacet.sparse.BlockSparseSynapses} for structured sparsity; {@link
 * io.tacet.sparse.ProceduralSynapses} for fixed random networks that do not fit in memory.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.sparse;

import io.tacet.Stability;
