/**
 * Plain recurrent layers: every unit sends its state at every step.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.rnn;

import io.tacet.Stability;
