/**
 * Dense operations around recurrent layers: products, activations, embeddings, softmax
 * cross-entropy, dropout.
 */
package io.tacet.dense;
