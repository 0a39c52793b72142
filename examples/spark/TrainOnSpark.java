import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.NetworkSpec;
import io.tacet.spark.TacetEstimator;
import io.tacet.spark.TacetModel;
import io.tacet.spark.TrainingSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Event-gated units learn to tell frequencies apart, by one task and by two, which gives the same
 * network to the last bit; what it costs is printed.
 */
public class TrainOnSpark {
  private static final int STEPS = 20;
  private static final int CLASSES = 4;

  public static void main(String[] args) throws IOException {
    int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 20;
    int units = args.length > 1 ? Integer.parseInt(args[1]) : 64;
    SparkSession.Builder builder = SparkSession.builder().appName("tacet");
    if (System.getProperty("spark.master") == null) {
      builder.master("local[2]");
    }
    try (SparkSession spark = builder.getOrCreate()) {
      spark.sparkContext().setLogLevel("ERROR");
      Dataset<Row> train = sines(spark, 2000, 1).cache();
      Dataset<Row> test = sines(spark, 500, 2).cache();
      NetworkSpec network =
          NetworkSpec.builder()
              .sequence(1)
              .egru(
                  units,
                  Egru.defaults().thresholds(0.05),
                  Connection.dense(),
                  Connection.sparse(0.1))
              .readoutOfLastStep(CLASSES)
              .spec();
      Path before = null;
      for (int workers = 1; workers <= 2; workers++) {
        TacetModel model =
            new TacetEstimator()
                .setNetwork(network)
                .setWorkers(workers)
                .setShares(4)
                .setBatchSize(100)
                .setEpochs(epochs)
                .setLearningRate(5e-3)
                .setSeed(1)
                .fit(train);
        double accuracy =
            new MulticlassClassificationEvaluator()
                .setMetricName("accuracy")
                .evaluate(model.transform(test));
        TrainingSummary summary = model.summary();
        System.out.printf(
            "%d workers: accuracy %.1f %%, %.0f updates per second, each of %d bytes from the first%n",
            workers,
            100 * accuracy,
            summary.updates() / summary.seconds(),
            summary.bytesSent() / summary.updates());
        Path file = Files.createTempFile("spark", ".tacet");
        model.saveNetwork(file);
        if (before != null) {
          System.out.println(
              Files.mismatch(before, file) < 0 ? "the same to the last bit" : "they differ");
        }
        before = file;
      }
    }
    // Spark 3.5 leaves a thread behind that waits for barriers.
    System.exit(0);
  }

  /** Sines of four frequencies with a random phase, and noise. */
  private static Dataset<Row> sines(SparkSession spark, int samples, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      int label = random.nextInt(CLASSES);
      double phase = random.nextDouble(2 * Math.PI);
      double[] x = new double[STEPS];
      for (int t = 0; t < STEPS; t++) {
        x[t] = Math.sin(phase + (0.4 + 0.25 * label) * t) + 0.8 * random.nextGaussian();
      }
      rows.add(RowFactory.create((double) label, Vectors.dense(x)));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add("label", DataTypes.DoubleType)
            .add("features", SQLDataTypes.VectorType()));
  }
}
