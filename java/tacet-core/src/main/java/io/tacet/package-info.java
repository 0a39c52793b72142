/**
 * Entry points: {@link io.tacet.Backends} finds the available backends, a {@link io.tacet.Backend}
 * allocates arrays and offers kernels. Operations live in {@code io.tacet.sparse}, {@code
 * io.tacet.eventprop} and {@code io.tacet.optim}; networks and training are in the tacet-models
 * module.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet;
