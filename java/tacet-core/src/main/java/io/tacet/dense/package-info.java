/**
 * Dense operations around recurrent layers: products, activations, embeddings, softmax
 * cross-entropy, dropout, k-winners-take-all, gain control.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.dense;

import io.tacet.Stability;
