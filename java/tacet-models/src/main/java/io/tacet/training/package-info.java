/**
 * Training of any network: {@link io.tacet.training.Training} sets one up and runs it, {@link
 * io.tacet.training.Loss} is what is minimised, {@link io.tacet.training.Regulariser} what is added
 * to it, {@link io.tacet.training.Evaluation} measures a network, and a {@link
 * io.tacet.training.TrainingListener} follows its progress.
 *
 * @since 0.1
 */
@Stability(Stability.Level.STABLE)
package io.tacet.training;

import io.tacet.Stability;
