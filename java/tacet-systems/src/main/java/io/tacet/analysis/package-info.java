/**
 * Measures by which codes, behaviour and wiring of networks are compared with publications.
 * Representations: dissimilarities and their regression on models ({@link io.tacet.analysis.Rdm}),
 * components, correlations, and how many units answer to a pattern ({@link
 * io.tacet.analysis.PopulationCode}). Behaviour: areas under ROC curves and calibration. Wiring:
 * the graph of connections ({@link io.tacet.analysis.UndirectedGraph}, {@link
 * io.tacet.analysis.Louvain}) and how these lie in space. Plain functions of arrays, seeded where
 * they are random.
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.analysis;

import io.tacet.Stability;
