package io.tacet.spark;

import static io.tacet.spark.Trainings.assertSame;
import static io.tacet.spark.Trainings.estimator;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.checkpoint.ModelFile;
import io.tacet.data.ArraySequences;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Executors that are processes of their own. */
@Timeout(400)
class ClusterTrainingTest {
  private static final String CLUSTER = "local-cluster[2,1,1024]";

  @Test
  void twoProcessesTrainAsOneDoesToTheLastBitAlsoWhenOneIsKilled(@TempDir Path folder)
      throws Exception {
    ArraySequences data = Rows.sines(90);
    try (SparkSession spark = Sessions.of(CLUSTER, Map.of())) {
      org.apache.spark.sql.Dataset<Row> rows = Rows.of(spark, data, Rows.Layout.FLOATS);
      TacetModel undisturbed = estimator(Rows.sequences()).setWorkers(2).fit(rows.repartition(3));
      assertSame(
          Trainings.alone(Rows.sequences(), data, Trainings.EPOCHS), Trainings.of(undisturbed));
      assertThat(undisturbed.summary().attempt()).isZero();

      int epochs = 100;
      TacetEstimator estimator =
          estimator(Rows.sequences())
              .setWorkers(2)
              .setEpochs(epochs)
              .setCheckpointDir(folder.toUri().toString());
      ExecutorService thread = Executors.newSingleThreadExecutor();
      try {
        Future<TacetModel> fit = thread.submit(() -> estimator.fit(rows));
        kill(folder.resolve("checkpoint.tacet"), fit);
        TacetModel disturbed = fit.get();
        assertThat(disturbed.summary().attempt()).isPositive();
        assertThat(disturbed.summary().firstEpoch()).isBetween(2, epochs);
        assertSame(Trainings.alone(Rows.sequences(), data, epochs), Trainings.of(disturbed));
      } finally {
        thread.shutdownNow();
      }
    }
  }

  /** Kills the process of an executor as soon as some epochs are done. */
  private static void kill(Path checkpoint, Future<?> fit) throws Exception {
    while (!fit.isDone()) {
      if (done(checkpoint) >= 3) {
        List<ProcessHandle> executors =
            ProcessHandle.current()
                .descendants()
                .filter(
                    process ->
                        process
                            .info()
                            .commandLine()
                            .orElse("")
                            .contains("CoarseGrainedExecutorBackend"))
                .sorted(Comparator.comparingLong(ProcessHandle::pid))
                .toList();
        assertThat(executors).hasSizeGreaterThanOrEqualTo(2);
        assertThat(executors.get(1).destroyForcibly()).isTrue();
        return;
      }
      Thread.sleep(20);
    }
    fit.get();
  }

  /** Epochs that are done; 0 while the file is being replaced. */
  private static int done(Path checkpoint) {
    try {
      return Training.epochsDone(ModelFile.read(checkpoint)).size();
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void tasksTakeTheGpuThatSparkGivesThem(@TempDir Path folder) throws IOException {
    Path script = folder.resolve("gpus.sh");
    Files.writeString(
        script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"4\", \"5\"]}'\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Map<String, String> gpus =
        Map.of(
            "spark.worker.resource.gpu.amount", "2",
            "spark.worker.resource.gpu.discoveryScript", script.toString(),
            "spark.executor.resource.gpu.amount", "1",
            "spark.task.resource.gpu.amount", "1");
    try (SparkSession spark = Sessions.of("local-cluster[1,1,1024]", gpus)) {
      List<String> names =
          new JavaSparkContext(spark.sparkContext())
              .parallelize(List.of(1), 1)
              .map(one -> TaskBackend.name("auto", TaskContext.get().resourcesJMap()))
              .collect();
      assertThat(names).containsExactly("cuda:4");
    }
  }
}
