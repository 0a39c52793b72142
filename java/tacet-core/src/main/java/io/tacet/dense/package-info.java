/**
 * Dense operations around recurrent layers: products, activations, embeddings, softmax
 * cross-entropy, dropout, k-winners-take-all, gain control.
 */
package io.tacet.dense;
