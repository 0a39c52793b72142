/**
 * Networks in Spark ML: {@link io.tacet.spark.TacetEstimator} trains one on a DataFrame by the
 * tasks of a barrier stage, to the same bits for any number of them, and {@link
 * io.tacet.spark.TacetModel} predicts.
 */
@Stability(Stability.Level.EXPERIMENTAL)
package io.tacet.spark;

import io.tacet.Stability;
