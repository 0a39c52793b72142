/**
 * Training: {@link io.tacet.training.TrainingLoop} runs epochs over a {@link
 * io.tacet.training.Trainee}, {@link io.tacet.training.Training} does so for spiking networks,
 * {@link io.tacet.training.Evaluation} measures a network, {@link io.tacet.training.Loss} is what
 * is minimised.
 */
package io.tacet.training;
