/**
 * Plain recurrent layers: every unit sends its state at every step.
 *
 * @since 0.1
 */
package io.tacet.rnn;
