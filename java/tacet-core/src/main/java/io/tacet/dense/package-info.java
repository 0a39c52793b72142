/**
 * Dense operations around recurrent layers: products, activations, embeddings, softmax
 * cross-entropy, dropout, k-winners-take-all, gain control.
 *
 * @since 0.1
 */
package io.tacet.dense;
