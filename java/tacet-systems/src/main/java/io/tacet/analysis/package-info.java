/**
 * Measures of networks of units: of the graph of their connections ({@link
 * io.tacet.analysis.UndirectedGraph}, {@link io.tacet.analysis.Louvain}) and of how these lie in
 * space ({@link io.tacet.analysis.WiringMeasures}). Plain functions of arrays, seeded where they
 * are random.
 */
package io.tacet.analysis;
