package io.tacet.spark;

import io.tacet.network.InputSpec;
import io.tacet.network.NetworkSpec;
import io.tacet.training.tcp.JobToken;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;
import scala.reflect.ClassTag$;

/**
 * One call of fit: puts rows in an order that does not depend on their partitions, brings each to
 * the worker of its share, and runs the barrier stage.
 */
final class TrainingJob {
  private final TacetEstimator estimator;
  private final Dataset<?> dataset;
  private final JobToken token;
  private final NetworkSpec spec;

  TrainingJob(TacetEstimator estimator, Dataset<?> dataset, JobToken token) {
    this.estimator = estimator;
    this.dataset = dataset;
    this.token = token;
    spec = estimator.spec();
    if (estimator.getWorkers() > estimator.getShares()) {
      throw new IllegalArgumentException(
          "workers: expected at most "
              + estimator.getShares()
              + ", the number of shares, got "
              + estimator.getWorkers()
              + ". Use more shares, or fewer workers.");
    }
  }

  Outcome run() {
    SparkContext context = dataset.sparkSession().sparkContext();
    JavaPairRDD<SampleKey, Sample> ordered = keyed().sortByKey();
    SampleCount count = ordered.aggregate(new SampleCount(), SampleCount::add, SampleCount::add);
    int samples = count.samples();
    int steps = steps(count);
    int workers = estimator.getWorkers();
    SharePartitioner places =
        new SharePartitioner(workers, estimator.getShares(), samples, estimator.getBatchSize());
    JavaPairRDD<Integer, Sample> placed =
        ordered
            .values()
            .zipWithIndex()
            .mapToPair(row -> new Tuple2<>(Math.toIntExact(row._2()), row._1()))
            .repartitionAndSortWithinPartitions(places);
    String folder = estimator.getCheckpointDir();
    TrainingTask task =
        new TrainingTask(
            settings(samples, steps, count.fingerprint()),
            folder.isEmpty() ? "" : folder + "/checkpoint.tacet",
            new SerializableConfiguration(context.hadoopConfiguration()));
    task.checkState();
    JavaRDD<Outcome> outcomes =
        placed
            .rdd()
            .barrier()
            .mapPartitions(task, false, ClassTag$.MODULE$.<Outcome>apply(Outcome.class))
            .toJavaRDD();
    // Spark starts a barrier stage again only if another stage comes after it.
    return outcomes.repartition(1).collect().get(0);
  }

  private JavaPairRDD<SampleKey, Sample> keyed() {
    String order = estimator.getOrderCol();
    Dataset<Row> rows = columns(order);
    SampleReader reader = SampleReader.of(spec, rows.schema(), estimator, estimator.getLabelCol());
    int number = order.isEmpty() ? -1 : rows.schema().fieldIndex(order);
    return rows.javaRDD()
        .mapToPair(
            row -> {
              Sample sample = reader.read(row);
              return new Tuple2<>(
                  SampleKey.of(number < 0 ? 0 : order(row, number), sample), sample);
            });
  }

  private Dataset<Row> columns(String order) {
    return spec.input() instanceof InputSpec.Sequence
        ? select(order, estimator.getFeaturesCol(), estimator.getLabelCol())
        : select(order, estimator.getTimesCol(), estimator.getUnitsCol(), estimator.getLabelCol());
  }

  private Dataset<Row> select(String order, String... names) {
    return dataset.select(
        Stream.concat(Arrays.stream(names), Stream.of(order).filter(name -> !name.isEmpty()))
            .distinct()
            .map(name -> functions.col("`" + name + "`"))
            .toArray(Column[]::new));
  }

  private static long order(Row row, int column) {
    Object value = row.get(column);
    if (!(value instanceof Number number)
        || number.doubleValue() != Math.rint(number.doubleValue())) {
      throw new IllegalArgumentException(
          row.schema().fieldNames()[column] + ": expected whole numbers, got " + value + ".");
    }
    return number.longValue();
  }

  private int steps(SampleCount count) {
    if (!(spec.input() instanceof InputSpec.Sequence sequence)) {
      return 0;
    }
    if (count.shortest() != count.longest()) {
      throw new IllegalArgumentException(
          estimator.getFeaturesCol()
              + ": expected sequences of one length, got from "
              + count.shortest()
              + " to "
              + count.longest()
              + " numbers.");
    }
    return count.longest() / sequence.channels();
  }

  private TaskSettings settings(int samples, int steps, long rows) {
    String fingerprint =
        Integer.toHexString(
                Objects.hash(
                    estimator.getNetwork(),
                    estimator.getOrderCol(),
                    estimator.getShares(),
                    estimator.getBatchSize(),
                    estimator.getEpochs(),
                    estimator.getLearningRate(),
                    estimator.getClipNorm(),
                    estimator.getSeed(),
                    samples))
            + "-"
            + Long.toHexString(rows);
    return new TaskSettings(
        estimator.getNetwork(),
        estimator.getBackend(),
        samples,
        steps,
        estimator.getShares(),
        estimator.getBatchSize(),
        estimator.getEpochs(),
        estimator.getLearningRate(),
        estimator.getClipNorm(),
        estimator.getSeed(),
        estimator.getTimeout(),
        estimator.getCheckpointSeconds(),
        fingerprint,
        token.text(),
        estimator.setup());
  }
}
