/**
 * Training: {@link io.tacet.training.Training} runs epochs over a data set, {@link
 * io.tacet.training.Evaluation} measures a network, {@link io.tacet.training.Loss} is what is
 * minimised.
 */
package io.tacet.training;
