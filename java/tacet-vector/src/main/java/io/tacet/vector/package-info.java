/**
 * Loops of the java backend in the vector instructions of the processor, by the JDK's Vector API.
 */
package io.tacet.vector;
