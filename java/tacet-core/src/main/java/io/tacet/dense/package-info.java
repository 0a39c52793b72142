/**
 * Dense operations around recurrent layers: products, embeddings, softmax cross-entropy, dropout.
 */
package io.tacet.dense;
