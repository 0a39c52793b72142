/**
 * Event-based gated recurrent units (EGRU): a GRU whose units speak only when their state crosses a
 * threshold. Subramoney, Nazeer, Schöne, Mayr and Kappel, "Efficient recurrent architectures
 * through activity sparsity and sparse back-propagation through time", ICLR 2023.
 *
 * <p>Arrays are time-major, [steps][batch][units]; the three gates lie side by side along the last
 * dimension as z, r, g, so that row j of the recurrent weights [units][3 units] holds everything
 * that unit j sends.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.egru;

import io.tacet.Stability;
