/**
 * Published systems of neuroscience, rebuilt on the operations and networks of Tacet, each with the
 * gates it is validated by: {@code tacet validate NAME}. {@link io.tacet.systems.Validations} is
 * the list of them; each has a package of its own below this one. What is of use beyond a system is
 * in {@code io.tacet.training}, {@code io.tacet.network} or the operations, not here.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.systems;

import io.tacet.Stability;
