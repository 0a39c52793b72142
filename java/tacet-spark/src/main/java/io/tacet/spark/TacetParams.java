package io.tacet.spark;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** Names of columns that {@link TacetEstimator} and {@link TacetModel} have in common. */
public interface TacetParams extends Params {
  /** Column of sequences: vectors or arrays, step by step, or arrays of the arrays of each step. */
  Param<String> featuresCol();

  /** Column of arrays of the times of events in ms, for networks of spikes. */
  Param<String> timesCol();

  /** Column of arrays of the channels of events, as many as times. */
  Param<String> unitsCol();

  /** Column that predicted classes get. */
  Param<String> predictionCol();

  /** Column that the values of the outputs get, from which classes are predicted. */
  Param<String> rawPredictionCol();

  /** Backend that tasks compute on. */
  Param<String> backend();

  /** Value of {@link #featuresCol}. */
  default String getFeaturesCol() {
    return getOrDefault(featuresCol());
  }

  /** Value of {@link #timesCol}. */
  default String getTimesCol() {
    return getOrDefault(timesCol());
  }

  /** Value of {@link #unitsCol}. */
  default String getUnitsCol() {
    return getOrDefault(unitsCol());
  }

  /** Value of {@link #predictionCol}. */
  default String getPredictionCol() {
    return getOrDefault(predictionCol());
  }

  /** Value of {@link #rawPredictionCol}. */
  default String getRawPredictionCol() {
    return getOrDefault(rawPredictionCol());
  }

  /** Value of {@link #backend}. */
  default String getBackend() {
    return getOrDefault(backend());
  }
}
