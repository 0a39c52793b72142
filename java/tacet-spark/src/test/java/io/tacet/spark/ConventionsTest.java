package io.tacet.spark;

import static io.tacet.spark.Trainings.estimator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Prediction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ConventionsTest {
  private static SparkSession spark;
  private static ArraySequences data;
  private static Dataset<Row> rows;
  private static TacetModel model;

  @BeforeAll
  static void start() {
    spark = Sessions.of("local[2]", Map.of());
    data = Rows.sines(700);
    rows = Rows.of(spark, data, Rows.Layout.VECTOR);
    model = estimator(Rows.sequences()).setEpochs(12).setWorkers(2).fit(rows);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void predictionsAreThoseOfTheNetwork() throws IOException {
    try (Backend java = Backends.open("java", 1);
        Network network = model.network(java)) {
      Prediction expected = network.predict(data);
      List<Row> predicted = model.transform(rows).orderBy("id").collectAsList();
      assertThat(predicted).hasSize(data.size());
      for (int i = 0; i < data.size(); i++) {
        Row row = predicted.get(i);
        assertThat(row.<Double>getAs("prediction")).isEqualTo(expected.classes()[i]);
        assertThat(row.<Vector>getAs("rawPrediction").toArray()).isEqualTo(expected.scores()[i]);
        assertThat(row.<Double>getAs("label")).isEqualTo(data.label(i));
      }
    }
    double accuracy =
        new MulticlassClassificationEvaluator()
            .setMetricName("accuracy")
            .evaluate(model.transform(rows));
    assertThat(accuracy).isGreaterThan(0.8);
  }

  @Test
  void spikesArePredictedToo() throws IOException {
    SpikeDataset events = Sequences.generate("train", 60, 1);
    Dataset<Row> table = Rows.of(spark, events);
    TacetModel spiking = estimator(Rows.spikes()).setEpochs(1).fit(table);
    try (Backend java = Backends.open("java", 1);
        Network network = spiking.network(java)) {
      double[] expected =
          Arrays.stream(network.predict(events).classes()).asDoubleStream().toArray();
      double[] predicted =
          spiking.transform(table).orderBy("id").select("prediction").collectAsList().stream()
              .mapToDouble(row -> row.getDouble(0))
              .toArray();
      assertThat(predicted).isEqualTo(expected);
    }
  }

  @Test
  void transformIsLazyAndKeepsOtherColumns() {
    Dataset<Row> broken =
        rows.withColumn(
            "features", functions.lit(null).cast(rows.schema().apply("features").dataType()));
    Dataset<Row> lazy = model.transform(broken);
    assertThat(lazy.columns())
        .containsExactly("id", "label", "features", "rawPrediction", "prediction");
    assertThatThrownBy(lazy::collectAsList)
        .hasStackTraceContaining("features: expected an array, got null");
  }

  @Test
  void modelsAreSavedAndLoaded(@TempDir Path folder) throws IOException {
    String path = folder.resolve("model").toString();
    model.copy(ParamMap.empty()).setPredictionCol("class").save(path);
    TacetModel loaded = TacetModel.load(path);
    assertThat(loaded.uid()).isEqualTo(model.uid());
    assertThat(loaded.getPredictionCol()).isEqualTo("class");
    assertThat(loaded.transform(rows).select("class", "rawPrediction").collectAsList())
        .isEqualTo(model.transform(rows).select("prediction", "rawPrediction").collectAsList());
    assertThatThrownBy(loaded::summary).hasMessageContaining("got one that was loaded");
    assertThatThrownBy(() -> model.save(path)).hasMessageContaining("already exists");
    model.write().overwrite().save(path);
    assertThat(TacetModel.load(path).getPredictionCol()).isEqualTo("prediction");
    Files.delete(folder.resolve("model/network.tacet"));
    assertThatThrownBy(() -> TacetModel.load(path))
        .hasMessageContaining("network.tacet: expected the network of a model, got no file.");
  }

  @Test
  void theNetworkIsAFileOfTacet(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("net.tacet");
    model.saveNetwork(file);
    try (Backend java = Backends.open("java", 1);
        Network network = Network.load(java, file)) {
      assertThat(network.spec().toJson()).isEqualTo(Rows.sequences().toJson());
    }
  }

  @Test
  void estimatorsAreSavedCopiedAndExplained(@TempDir Path folder) throws IOException {
    TacetEstimator estimator = estimator(Rows.sequences()).setWorkers(2).setClipNorm(0.5);
    String path = folder.resolve("estimator").toString();
    estimator.save(path);
    TacetEstimator loaded = TacetEstimator.load(path);
    assertThat(loaded.uid()).isEqualTo(estimator.uid());
    assertThat(loaded.getNetwork()).isEqualTo(Rows.sequences().toJson());
    assertThat(loaded.getWorkers()).isEqualTo(2);
    assertThat(loaded.getClipNorm()).isEqualTo(0.5);
    assertThat(loaded.getSeed()).isEqualTo(4);
    TacetEstimator copy =
        estimator.copy(
            new ParamMap().put(estimator.epochs(), (Object) 7).put(estimator.backend(), "host"));
    assertThat(copy.getEpochs()).isEqualTo(7);
    assertThat(copy.getBackend()).isEqualTo("host");
    assertThat(estimator.getEpochs()).isEqualTo(Trainings.EPOCHS);
    assertThat(estimator.explainParams())
        .contains("workers: tasks that train")
        .contains("(default: 1, current: 2)")
        .contains("featuresCol:")
        .contains("timeout:");
    assertThat(estimator.params()).hasSize(19);
    assertThat(model.params()).hasSize(6);
    assertThat(model.parent()).isNotNull();
  }

  @Test
  void aPipelineTrainsIsSavedAndLoaded(@TempDir Path folder) throws IOException {
    TacetEstimator estimator = estimator(Rows.sequences()).setEpochs(1);
    PipelineModel pipeline = new Pipeline().setStages(new PipelineStage[] {estimator}).fit(rows);
    String path = folder.resolve("pipeline").toString();
    pipeline.save(path);
    assertThat(PipelineModel.load(path).transform(rows).collectAsList())
        .isEqualTo(pipeline.transform(rows).collectAsList());
  }

  @Test
  void rowsThatDoNotFitAreRefusedAndNamed() {
    TacetEstimator estimator = estimator(Rows.sequences()).setEpochs(1);
    assertThatThrownBy(() -> new TacetEstimator().fit(rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("network: expected one, got none.");
    assertThatThrownBy(() -> estimator.fit(rows.drop("label")))
        .hasMessage("label: expected one of the columns [id, features], got a name of none.");
    assertThatThrownBy(() -> estimator.fit(rows.withColumn("label", functions.lit("a"))))
        .hasMessage("label: expected a column of numbers, got string.");
    assertThatThrownBy(() -> estimator.fit(rows.withColumn("features", functions.lit(1))))
        .hasMessageStartingWith("features: expected a column of vectors");
    assertThatThrownBy(() -> estimator.fit(rows.withColumn("prediction", functions.lit(1))))
        .hasMessageStartingWith("prediction: expected the name of a new column");
    assertThatThrownBy(() -> estimator.fit(rows.withColumn("label", functions.lit(3))))
        .hasStackTraceContaining(
            "label: expected a class from 0 to 2, the outputs of the network, got 3.");
    assertThatThrownBy(() -> estimator.fit(rows.limit(0)))
        .hasMessageContaining("dataset: expected from 1 to");
    assertThatThrownBy(() -> estimator.copy(ParamMap.empty()).setWorkers(7).fit(rows))
        .hasMessage(
            "workers: expected at most 6, the number of shares, got 7. Use more shares, or fewer"
                + " workers.");
    assertThatThrownBy(() -> estimator.copy(ParamMap.empty()).setBatchSize(0))
        .hasMessageContaining("batchSize given invalid value 0");
    NetworkSpec text = NetworkSpec.builder().tokens(5).embedding(3).egru(4).nextToken(false).spec();
    assertThatThrownBy(() -> estimator(text).fit(rows))
        .hasMessageStartingWith("network: expected one of sequences or spikes");
  }

  @Test
  void sequencesOfOtherLengthsAreRefusedInTrainingAndPredicted() {
    Dataset<Row> longer = Rows.of(spark, Rows.sines(5), Rows.Layout.FLOATS);
    Dataset<Row> twice =
        longer.withColumn(
            "features", functions.concat(functions.col("features"), functions.col("features")));
    Dataset<Row> both = longer.union(twice);
    assertThatThrownBy(() -> estimator(Rows.sequences()).fit(both))
        .hasMessage("features: expected sequences of one length, got from 20 to 40 numbers.");
    assertThat(model.transform(both).collectAsList()).hasSize(10);
  }

  @Test
  void eventsThatDoNotFitAreRefused() {
    Dataset<Row> events = Rows.of(spark, Sequences.generate("train", 12, 1));
    TacetEstimator estimator = estimator(Rows.spikes()).setEpochs(1);
    assertThatThrownBy(
            () -> estimator.fit(events.withColumn("units", functions.array(functions.lit(0)))))
        .hasStackTraceContaining("units: expected as many as 3 times, got 1 units.");
    assertThatThrownBy(
            () ->
                estimator.fit(
                    events.withColumn("units", functions.array_repeat(functions.lit(9), 3))))
        .hasStackTraceContaining("units: expected channels from 0 to 2, got 9.0.");
    assertThatThrownBy(
            () ->
                estimator.fit(
                    events.withColumn("times", functions.array_repeat(functions.lit(-1.0), 3))))
        .hasStackTraceContaining("times: expected finite times of at least 0 ms, got -1.0.");
  }
}
