/**
 * Arrays of ND4J and of Tacet in the same memory: {@link io.tacet.nd4j.Nd4jArrays}.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.nd4j;

import io.tacet.Stability;
