/**
 * Loops and dense products of the java backend in the vector instructions of the processor, by the
 * JDK's Vector API.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.vector;

import io.tacet.Stability;
