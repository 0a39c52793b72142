package io.tacet.spark;

import static io.tacet.spark.Trainings.assertSame;
import static io.tacet.spark.Trainings.estimator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.data.Dataset;
import io.tacet.data.Sequences;
import io.tacet.network.NetworkSpec;
import io.tacet.training.CrossEntropy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(300)
class LocalTrainingTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = Sessions.of("local[2]", Map.of());
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of("sequences", Rows.sequences(), Rows.sines(90)),
        Arguments.of("spikes", Rows.spikes(), Sequences.generate("train", 90, 1)),
        Arguments.of("bins", Rows.bins(), Sequences.generate("train", 90, 1)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void anyNumberOfWorkersAndPartitionsTrainsAsOneProcessToTheLastBit(
      String name, NetworkSpec spec, Dataset data) throws IOException {
    Trainings.Result one = Trainings.alone(spec, data, Trainings.EPOCHS);
    assertThat(one.epochs().get(2).trainLoss()).isLessThan(one.epochs().get(0).trainLoss());
    org.apache.spark.sql.Dataset<Row> rows = Rows.of(spark, data);
    for (int workers : new int[] {1, 2}) {
      for (int partitions : new int[] {1, 5}) {
        TacetModel model = estimator(spec).setWorkers(workers).fit(rows.repartition(partitions));
        assertSame(one, Trainings.of(model));
        assertThat(model.summary().updates()).isEqualTo(3 * 5);
        assertThat(model.summary().attempt()).isZero();
        assertThat(model.summary().bytesSent() > 0).isEqualTo(workers > 1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void featuresOfAllLayoutsAreTheSame(Rows.Layout layout) throws IOException {
    Trainings.Result one = Trainings.alone(Rows.sequences(), Rows.sines(60), 1);
    TacetModel model =
        estimator(Rows.sequences())
            .setEpochs(1)
            .setWorkers(2)
            .fit(Rows.of(spark, Rows.sines(60), layout));
    assertSame(one, Trainings.of(model));
  }

  @Test
  void withoutNumbersRowsAreInTheOrderOfTheirContent() throws IOException {
    org.apache.spark.sql.Dataset<Row> rows = Rows.of(spark, Rows.sines(60), Rows.Layout.FLOATS);
    TacetEstimator estimator = estimator(Rows.sequences()).setOrderCol("").setEpochs(1);
    Trainings.Result one = Trainings.of(estimator.setWorkers(2).fit(rows));
    assertSame(one, Trainings.of(estimator.setWorkers(1).fit(rows.orderBy(functions.rand(3)))));
  }

  @Test
  void aSetupGoesToAllWorkers() throws IOException {
    org.apache.spark.sql.Dataset<Row> rows = Rows.of(spark, Rows.sines(60), Rows.Layout.FLOATS);
    TacetEstimator estimator =
        estimator(Rows.sequences())
            .setEpochs(1)
            .setSetup(t -> t.loss(new CrossEntropy()).clipNorm(1e-3).inputNoise(0.1));
    Trainings.Result two = Trainings.of(estimator.setWorkers(2).fit(rows));
    assertSame(two, Trainings.of(estimator.setWorkers(1).fit(rows)));
    assertThat(two.epochs().get(0).trainLoss())
        .isNotEqualTo(
            Trainings.alone(Rows.sequences(), Rows.sines(60), 1).epochs().get(0).trainLoss());
    assertThatThrownBy(estimator::write)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("without a setup");
  }

  @Test
  void theErrorOfATaskIsTheOneThatIsTold() {
    TacetEstimator estimator =
        estimator(Rows.sequences())
            .setWorkers(2)
            .setSetup(
                t -> {
                  if (TaskContext.getPartitionId() == 1) {
                    throw new IllegalStateException("the second task is broken");
                  }
                  return t;
                });
    assertThatThrownBy(() -> estimator.fit(Rows.of(spark, Rows.sines(60), Rows.Layout.FLOATS)))
        .hasStackTraceContaining("the second task is broken");
  }

  @Test
  void aCheckpointContinuesTheSameTrainingOnly(@TempDir Path folder) throws IOException {
    org.apache.spark.sql.Dataset<Row> rows = Rows.of(spark, Rows.sines(60), Rows.Layout.FLOATS);
    TacetEstimator estimator =
        estimator(Rows.sequences()).setWorkers(2).setCheckpointDir(folder.toUri().toString());
    Trainings.Result whole = Trainings.of(estimator.fit(rows));
    assertThat(folder.resolve("checkpoint.tacet")).exists();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".part"));
    }
    TacetModel again = estimator.fit(rows);
    assertSame(whole, Trainings.of(again));
    assertThat(again.summary().updates()).isZero();
    assertThat(again.summary().firstEpoch()).isEqualTo(4);
    assertThatThrownBy(() -> estimator.setLearningRate(0.5).fit(rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("checkpointDir: expected an empty folder");
  }
}
