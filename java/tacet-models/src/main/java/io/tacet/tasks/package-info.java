/**
 * Whole trainings with their published settings: data, network, loss and optimiser of a task, a
 * screen of code each. {@link io.tacet.tasks.Tasks} lists them. The command line runs these; a
 * program can use them as they are or as an example.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.tasks;

import io.tacet.Stability;
