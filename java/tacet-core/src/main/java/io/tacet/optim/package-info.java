/**
 * Optimisers that update parameters in place on any backend, and learning-rate schedules.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.optim;

import io.tacet.Stability;
