package io.tacet.spark;

import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;

/** Parameters of {@link TacetEstimator}. */
public interface TacetTrainingParams extends TacetParams {
  /** Column of classes, whole numbers from 0; {@code label} unless set. */
  Param<String> labelCol();

  /**
   * Column of whole numbers by which rows are put in order before batches are drawn; unless set,
   * rows are in the order of a digest of what is in them.
   */
  Param<String> orderCol();

  /** The network, as {@code NetworkSpec.toJson} gives it; has to be set. */
  Param<String> network();

  /**
   * Folder, as Hadoop names it, in which the state of the training is kept; every machine has to
   * reach it. Unless set there is none, and a training of which a task fails begins anew.
   */
  Param<String> checkpointDir();

  /** Number of tasks; 1 unless set. Spark has to have room for all at once. */
  IntParam workers();

  /**
   * Number of shares of a batch, at least that of workers; 8 unless set. What is trained depends on
   * it.
   */
  IntParam shares();

  /** Samples of an update; 32 unless set. */
  IntParam batchSize();

  /** Passes over all rows; 10 unless set. */
  IntParam epochs();

  /** Seed of initial weights, of the order of rows and of dropout; 0 unless set. */
  LongParam seed();

  /** Rate of Adam; 1e-3 unless set. */
  DoubleParam learningRate();

  /** Most that the norm of all gradients together may be; 0, as it is unless set, for no bound. */
  DoubleParam clipNorm();

  /**
   * Seconds that a worker waits for another one, which may be computing or writing a checkpoint;
   * 300 unless set.
   */
  DoubleParam timeout();

  /**
   * Seconds between checkpoints within an epoch; 0, as it is unless set, for one after each epoch.
   */
  DoubleParam checkpointSeconds();

  /** Value of {@link #labelCol}. */
  default String getLabelCol() {
    return getOrDefault(labelCol());
  }

  /** Value of {@link #orderCol}. */
  default String getOrderCol() {
    return getOrDefault(orderCol());
  }

  /** Value of {@link #network}. */
  default String getNetwork() {
    return getOrDefault(network());
  }

  /** Value of {@link #checkpointDir}. */
  default String getCheckpointDir() {
    return getOrDefault(checkpointDir());
  }

  /** Value of {@link #workers}. */
  default int getWorkers() {
    return (Integer) getOrDefault(workers());
  }

  /** Value of {@link #shares}. */
  default int getShares() {
    return (Integer) getOrDefault(shares());
  }

  /** Value of {@link #batchSize}. */
  default int getBatchSize() {
    return (Integer) getOrDefault(batchSize());
  }

  /** Value of {@link #epochs}. */
  default int getEpochs() {
    return (Integer) getOrDefault(epochs());
  }

  /** Value of {@link #seed}. */
  default long getSeed() {
    return (Long) getOrDefault(seed());
  }

  /** Value of {@link #learningRate}. */
  default double getLearningRate() {
    return (Double) getOrDefault(learningRate());
  }

  /** Value of {@link #clipNorm}. */
  default double getClipNorm() {
    return (Double) getOrDefault(clipNorm());
  }

  /** Value of {@link #timeout}. */
  default double getTimeout() {
    return (Double) getOrDefault(timeout());
  }

  /** Value of {@link #checkpointSeconds}. */
  default double getCheckpointSeconds() {
    return (Double) getOrDefault(checkpointSeconds());
  }
}
