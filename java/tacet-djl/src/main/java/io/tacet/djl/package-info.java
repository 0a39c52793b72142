/**
 * Tacet among the engines of DJL, the Deep Java Library: arrays in the same memory ({@link
 * io.tacet.djl.DjlArrays}), networks as blocks and models of DJL ({@link io.tacet.djl.TacetBlock},
 * {@link io.tacet.djl.DjlModels}), and trainings on its data sets ({@link
 * io.tacet.djl.DjlSequences}).
 *
 * @since 0.1
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.djl;

import io.tacet.Stability;
