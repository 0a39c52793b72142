/**
 * Olfaction: estimation of odors by elimination ({@link
 * io.tacet.systems.olfaction.EliminationDecoder} on {@link io.tacet.sparse.Elimination}, with its
 * {@linkplain io.tacet.systems.olfaction.EliminationTheory theory}), preservation of distances by
 * disordered sensitivities, and adaptive {@linkplain io.tacet.systems.olfaction.ReceptorAbundance
 * abundances of receptors}.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.systems.olfaction;

import io.tacet.Stability;
