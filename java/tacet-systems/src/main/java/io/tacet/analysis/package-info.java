/**
 * Analyses of neural activity: how many units answer to a pattern and how alike the answers are
 * ({@link io.tacet.analysis.PopulationCode}).
 */
package io.tacet.analysis;
