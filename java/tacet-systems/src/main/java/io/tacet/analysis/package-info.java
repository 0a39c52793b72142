/**
 * Analyses of neural activity: matrices of dissimilarities and their regression on models,
 * effective rank, correlations, multidimensional scaling. Activity is given as patterns, a row for
 * each condition with a column for each unit.
 */
package io.tacet.analysis;
