/**
 * Sparse event propagation: {@link io.tacet.sparse.Synapses} hold a connectivity with weights, rows
 * by source, on one backend; {@link io.tacet.sparse.Events} say which units are active; {@link
 * io.tacet.sparse.EventPropagation} takes events to the currents of their targets, adjoints of the
 * targets back to the events, and both to the gradient of the weights.
 *
 * <p>Which synapses to take: {@link io.tacet.sparse.DenseSynapses} above a few per cent of density;
 * {@link io.tacet.sparse.CsrSynapses} for any sparse pattern; {@link
 * io.tacet.sparse.FixedFanOutSynapses} where rows have one length; {@link
 * io.tacet.sparse.BlockSparseSynapses} for structured sparsity; {@link
 * io.tacet.sparse.ProceduralSynapses} for fixed random networks that do not fit in memory.
 */
package io.tacet.sparse;
