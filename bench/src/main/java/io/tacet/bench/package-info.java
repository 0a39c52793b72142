/**
 * The JMH suite: one class per operation, its shape in its parameters, its floor in its Javadoc.
 */
package io.tacet.bench;
