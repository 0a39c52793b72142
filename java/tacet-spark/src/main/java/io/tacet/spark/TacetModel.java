package io.tacet.spark;

import io.tacet.Backend;
import io.tacet.checkpoint.ModelFile;
import io.tacet.files.AtomicFile;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import scala.reflect.ClassTag$;

/**
 * A trained network that adds two columns to a DataFrame: the values of its outputs, or times of
 * first spikes in ms, infinite for silent outputs, as a vector; and the predicted class, -1 if all
 * are silent. Rows stay where they are and in their order.
 */
public final class TacetModel extends Model<TacetModel> implements TacetParams, MLWritable {
  private static final long serialVersionUID = 1L;

  /** Name of the file of the network in the folder of a saved model. */
  private static final String FILE = "network.tacet";

  private final String uid;
  private final Columns columns;

  /** As a file; null while it is being loaded. */
  private byte[] network;

  /** Null for one that was loaded. */
  private transient TrainingSummary summary;

  /** For {@link #load}, which fills it. */
  public TacetModel(String uid) {
    this.uid = uid;
    columns = new Columns(this);
    columns.defaults(this);
  }

  TacetModel(String uid, byte[] network, TrainingSummary summary) {
    this(uid);
    this.network = network;
    this.summary = summary;
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

  /** Sets {@link #featuresCol}. */
  public TacetModel setFeaturesCol(String name) {
    set(columns.features, name);
    return this;
  }

  /** Sets {@link #timesCol}. */
  public TacetModel setTimesCol(String name) {
    set(columns.times, name);
    return this;
  }

  /** Sets {@link #unitsCol}. */
  public TacetModel setUnitsCol(String name) {
    set(columns.units, name);
    return this;
  }

  /** Sets {@link #predictionCol}. */
  public TacetModel setPredictionCol(String name) {
    set(columns.prediction, name);
    return this;
  }

  /** Sets {@link #rawPredictionCol}. */
  public TacetModel setRawPredictionCol(String name) {
    set(columns.rawPrediction, name);
    return this;
  }

  /** Sets {@link #backend}. */
  public TacetModel setBackend(String name) {
    set(columns.backend, name);
    return this;
  }

  /**
   * How the training went.
   *
   * @throws IllegalStateException of a model that was loaded
   */
  public TrainingSummary summary() {
    if (summary == null) {
      throw new IllegalStateException("summary: expected a model of fit, got one that was loaded.");
    }
    return summary;
  }

  /** The network on a backend of this process; the caller closes it. */
  public Network network(Backend on) throws IOException {
    return ModelBytes.network(on, network);
  }

  /** Writes the network as a file of this machine, as {@link Network#save} does. */
  public void saveNetwork(Path file) throws IOException {
    AtomicFile.write(file, out -> out.write(network));
  }

  private NetworkSpec spec() {
    try {
      ModelFile file = ModelBytes.file(network);
      return Network.specOf(file, Path.of(uid));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema(), true);
    SampleReader reader = SampleReader.of(spec(), dataset.schema(), this, null);
    Broadcast<byte[]> model =
        dataset
            .sparkSession()
            .sparkContext()
            .broadcast(network, ClassTag$.MODULE$.<byte[]>apply(byte[].class));
    return dataset
        .toDF()
        .mapPartitions(new PredictionTask(model, getBackend(), reader), Encoders.row(schema));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    SampleReader.of(spec(), schema, this, null);
    return Columns.predicted(this, schema);
  }

  @Override
  public TacetModel copy(ParamMap extra) {
    TacetModel copy = new TacetModel(uid, network, summary);
    copyValues(copy, extra);
    return copy.setParent(parent());
  }

  @Override
  public MLWriter write() {
    return new Writer(this);
  }

  /** Reads models that were saved. */
  public static MLReader<TacetModel> read() {
    return new Reader();
  }

  /** Reads a model from the folder that it was saved in. */
  public static TacetModel load(String path) {
    return read().load(path);
  }

  private static final class Writer extends MLWriter {
    private final TacetModel model;

    Writer(TacetModel model) {
      this.model = model;
    }

    @Override
    public void saveImpl(String path) {
      DefaultParamsWriter parameters = new DefaultParamsWriter(model);
      parameters.session(sparkSession());
      parameters.saveImpl(path);
      try {
        ModelBytes.write(
            path + "/" + FILE, model.network, sparkSession().sparkContext().hadoopConfiguration());
      } catch (IOException e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    }
  }

  private static final class Reader extends MLReader<TacetModel> {
    @Override
    public TacetModel load(String path) {
      DefaultParamsReader<TacetModel> parameters = new DefaultParamsReader<>();
      parameters.session(sparkSession());
      TacetModel model = parameters.load(path);
      String place = path + "/" + FILE;
      try {
        model.network = ModelBytes.read(place, sparkSession().sparkContext().hadoopConfiguration());
        if (model.network == null) {
          throw new IllegalStateException(
              place + ": expected the network of a model, got no file.");
        }
        // Whatever is wrong with it shows now.
        ModelBytes.file(model.network);
      } catch (IOException e) {
        throw new IllegalStateException(place + ": " + e.getMessage(), e);
      }
      return model;
    }
  }
}
