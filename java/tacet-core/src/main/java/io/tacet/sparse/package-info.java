/**
 * Sparse event propagation: {@link io.tacet.sparse.Synapses} hold a connectivity with weights, rows
 * by source, on one backend.
 */
package io.tacet.sparse;
