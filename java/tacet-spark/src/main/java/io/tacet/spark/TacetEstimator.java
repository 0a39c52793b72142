package io.tacet.spark;

import io.tacet.files.JsonException;
import io.tacet.network.NetworkSpec;
import io.tacet.training.tcp.JobToken;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;

/**
 * Trains a network on a DataFrame, by the tasks of a barrier stage that add up gradients over TCP
 * after every batch. Each batch is cut into {@link #shares}, which workers compute; what is trained
 * depends on their number, and not on the number of {@link #workers} nor on how rows are
 * partitioned: it is bit for bit that of one process with {@code Training.shares} on the same rows
 * in the same order.
 *
 * <p>If a task fails, Spark starts the stage again, and the training continues from the latest
 * checkpoint in {@link #checkpointDir}.
 */
public final class TacetEstimator extends Estimator<TacetModel>
    implements TacetTrainingParams, MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final Columns columns;
  private final TrainingColumns training;

  /** Null for none. */
  private TrainingSetup setup;

  /** With a name of its own. */
  public TacetEstimator() {
    this(Identifiable.randomUID("tacet"));
  }

  /** With a given name. */
  public TacetEstimator(String uid) {
    this.uid = uid;
    columns = new Columns(this);
    columns.defaults(this);
    training = new TrainingColumns(this);
    training.defaults(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public Param<String> featuresCol() {
    return columns.features;
  }

  @Override
  public Param<String> timesCol() {
    return columns.times;
  }

  @Override
  public Param<String> unitsCol() {
    return columns.units;
  }

  @Override
  public Param<String> predictionCol() {
    return columns.prediction;
  }

  @Override
  public Param<String> rawPredictionCol() {
    return columns.rawPrediction;
  }

  @Override
  public Param<String> backend() {
    return columns.backend;
  }

  @Override
  public Param<String> labelCol() {
    return training.labelCol;
  }

  @Override
  public Param<String> orderCol() {
    return training.orderCol;
  }

  @Override
  public Param<String> network() {
    return training.network;
  }

  @Override
  public Param<String> checkpointDir() {
    return training.checkpointDir;
  }

  @Override
  public IntParam workers() {
    return training.workers;
  }

  @Override
  public IntParam shares() {
    return training.shares;
  }

  @Override
  public IntParam batchSize() {
    return training.batchSize;
  }

  @Override
  public IntParam epochs() {
    return training.epochs;
  }

  @Override
  public LongParam seed() {
    return training.seed;
  }

  @Override
  public DoubleParam learningRate() {
    return training.learningRate;
  }

  @Override
  public DoubleParam clipNorm() {
    return training.clipNorm;
  }

  @Override
  public DoubleParam timeout() {
    return training.timeout;
  }

  @Override
  public DoubleParam checkpointSeconds() {
    return training.checkpointSeconds;
  }

  /** Sets {@link #labelCol}. */
  public TacetEstimator setLabelCol(String value) {
    set(training.labelCol, value);
    return this;
  }

  /** Sets {@link #orderCol}. */
  public TacetEstimator setOrderCol(String value) {
    set(training.orderCol, value);
    return this;
  }

  /** Sets {@link #network}. */
  public TacetEstimator setNetwork(String value) {
    set(training.network, value);
    return this;
  }

  /** Sets {@link #checkpointDir}. */
  public TacetEstimator setCheckpointDir(String value) {
    set(training.checkpointDir, value);
    return this;
  }

  /** Sets {@link #workers}. */
  public TacetEstimator setWorkers(int value) {
    set(training.workers, value);
    return this;
  }

  /** Sets {@link #shares}. */
  public TacetEstimator setShares(int value) {
    set(training.shares, value);
    return this;
  }

  /** Sets {@link #batchSize}. */
  public TacetEstimator setBatchSize(int value) {
    set(training.batchSize, value);
    return this;
  }

  /** Sets {@link #epochs}. */
  public TacetEstimator setEpochs(int value) {
    set(training.epochs, value);
    return this;
  }

  /** Sets {@link #seed}. */
  public TacetEstimator setSeed(long value) {
    set(training.seed, value);
    return this;
  }

  /** Sets {@link #learningRate}. */
  public TacetEstimator setLearningRate(double value) {
    set(training.learningRate, value);
    return this;
  }

  /** Sets {@link #clipNorm}. */
  public TacetEstimator setClipNorm(double value) {
    set(training.clipNorm, value);
    return this;
  }

  /** Sets {@link #timeout}. */
  public TacetEstimator setTimeout(double value) {
    set(training.timeout, value);
    return this;
  }

  /** Sets {@link #checkpointSeconds}. */
  public TacetEstimator setCheckpointSeconds(double value) {
    set(training.checkpointSeconds, value);
    return this;
  }

  /** Sets {@link #featuresCol}. */
  public TacetEstimator setFeaturesCol(String value) {
    set(columns.features, value);
    return this;
  }

  /** Sets {@link #timesCol}. */
  public TacetEstimator setTimesCol(String value) {
    set(columns.times, value);
    return this;
  }

  /** Sets {@link #unitsCol}. */
  public TacetEstimator setUnitsCol(String value) {
    set(columns.units, value);
    return this;
  }

  /** Sets {@link #predictionCol}. */
  public TacetEstimator setPredictionCol(String value) {
    set(columns.prediction, value);
    return this;
  }

  /** Sets {@link #rawPredictionCol}. */
  public TacetEstimator setRawPredictionCol(String value) {
    set(columns.rawPrediction, value);
    return this;
  }

  /** Sets {@link #backend}. */
  public TacetEstimator setBackend(String value) {
    set(columns.backend, value);
    return this;
  }

  /** Sets {@link #network}. */
  public TacetEstimator setNetwork(NetworkSpec spec) {
    return setNetwork(spec.toJson());
  }

  /**
   * Further settings of the training, such as a loss or regularisers. They are code: an estimator
   * that has them cannot be saved, and a checkpoint does not know of them.
   */
  public TacetEstimator setSetup(TrainingSetup further) {
    setup = further;
    return this;
  }

  /** What {@link #setSetup} has set; null for nothing. */
  TrainingSetup setup() {
    return setup;
  }

  /** The network. */
  NetworkSpec spec() {
    if (!isDefined(training.network)) {
      throw new IllegalArgumentException(
          "network: expected one, got none. Say"
              + " setNetwork(NetworkSpec.builder().sequence(channels)...spec()).");
    }
    try {
      return TrainingTask.spec(getNetwork());
    } catch (JsonException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * Trains. Spark's own exception says so if the stage fails as often as Spark lets it, or finds no
   * room for all workers at once.
   *
   * @throws IllegalArgumentException if rows do not fit the network, or there are more workers than
   *     shares
   */
  @Override
  public TacetModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema(), true);
    Outcome outcome = new TrainingJob(this, dataset, JobToken.random()).run();
    TacetModel model = new TacetModel(uid, outcome.model(), outcome.summary());
    copyValues(model, ParamMap.empty());
    return model.setParent(this);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    SampleReader.of(spec(), schema, this, getLabelCol());
    if (!getOrderCol().isEmpty()) {
      SampleReader.numeric(schema, getOrderCol());
    }
    return Columns.predicted(this, schema);
  }

  @Override
  public TacetEstimator copy(ParamMap extra) {
    TacetEstimator copy = new TacetEstimator(uid);
    copyValues(copy, extra);
    return copy.setSetup(setup);
  }

  @Override
  public MLWriter write() {
    if (setup != null) {
      throw new UnsupportedOperationException(
          "write: expected an estimator without a setup, which is code and cannot be saved.");
    }
    return new DefaultParamsWriter(this);
  }

  /** Reads estimators that were saved. */
  public static MLReader<TacetEstimator> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads an estimator from the folder that it was saved in. */
  public static TacetEstimator load(String path) {
    return read().load(path);
  }
}
