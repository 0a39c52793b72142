/** Plain recurrent layers: every unit sends its state at every step. */
package io.tacet.rnn;
