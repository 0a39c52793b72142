/**
 * Spatially-embedded recurrent networks (Achterberg et al. 2023): units at the points of a grid
 * learn a choice with a working memory, under a cost of the length and communicability of their
 * connections.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.systems.sernn;

import io.tacet.Stability;
