/**
 * Data sets in batches through passes of a network: event times, sequences and text, each in the
 * order of a training or of the data.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.network.batches;

import io.tacet.Stability;
