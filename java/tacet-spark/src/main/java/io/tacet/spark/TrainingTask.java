package io.tacet.spark;

import io.tacet.Backend;
import io.tacet.checkpoint.ModelFile;
import io.tacet.data.Dataset;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.optim.Adam;
import io.tacet.training.History;
import io.tacet.training.Training;
import io.tacet.training.tcp.JobToken;
import io.tacet.training.tcp.TcpCommunicator;
import io.tacet.training.tcp.TcpDoor;
import io.tacet.training.tcp.TcpSettings;
import java.io.IOException;
import java.io.Serializable;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * What each task of the barrier stage does: it takes the samples of its shares, joins the others,
 * and trains with them. The first gives what has been trained, the others nothing.
 */
final class TrainingTask
    extends AbstractFunction1<Iterator<Tuple2<Integer, Sample>>, Iterator<Outcome>>
    implements Serializable {
  /** Key of the metadata of a checkpoint. */
  private static final String KEY = "spark";

  private static final long serialVersionUID = 1L;

  private final TaskSettings settings;

  /** Where the checkpoint is; empty for none. */
  private final String checkpoint;

  private final SerializableConfiguration configuration;

  TrainingTask(TaskSettings settings, String checkpoint, SerializableConfiguration configuration) {
    this.settings = settings;
    this.checkpoint = checkpoint;
    this.configuration = configuration;
  }

  @Override
  public Iterator<Outcome> apply(Iterator<Tuple2<Integer, Sample>> rows) {
    BarrierTaskContext task = BarrierTaskContext.get();
    try {
      NetworkSpec spec = spec(settings.network());
      Dataset data = data(spec, rows);
      try (Backend backend = TaskBackend.open(settings.backend(), task);
          TcpDoor door = TcpDoor.open(tcp(task));
          TcpCommunicator group = door.join(task.partitionId(), addresses(task, door))) {
        return CollectionConverters.asScala(
            telling(group, () -> train(task, group, backend, spec, data)).iterator());
      }
    } catch (IOException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** What a task does once it is one of a group. */
  private interface Work {
    List<Outcome> run() throws IOException;
  }

  /** Lets the others know why this task fails, whichever of them Spark asks. */
  private static List<Outcome> telling(TcpCommunicator group, Work work) throws IOException {
    try {
      return work.run();
    } catch (IOException | RuntimeException | Error e) {
      group.fail(e);
      throw e;
    }
  }

  static NetworkSpec spec(String json) throws JsonException {
    return NetworkSpec.of(JsonObject.of(json, "network"));
  }

  private Dataset data(NetworkSpec spec, Iterator<Tuple2<Integer, Sample>> rows) {
    List<Sample> samples = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    while (rows.hasNext()) {
      Tuple2<Integer, Sample> row = rows.next();
      numbers.add(row._1());
      samples.add(row._2());
    }
    int[] all = numbers.stream().mapToInt(Integer::intValue).toArray();
    return ShareSamples.of(spec, settings.samples(), all, samples, settings.steps());
  }

  private TcpSettings tcp(BarrierTaskContext task) {
    Duration timeout = Duration.ofMillis(Math.max(1, (long) (1000 * settings.timeoutSeconds())));
    return new TcpSettings(JobToken.of(settings.token()), task.stageAttemptNumber(), timeout);
  }

  /** Of the doors of all tasks, at the machines where Spark has them. */
  private static List<InetSocketAddress> addresses(BarrierTaskContext task, TcpDoor door) {
    String own = task.getTaskInfos()[task.partitionId()].address();
    String host = own.substring(0, own.lastIndexOf(':'));
    return Arrays.stream(task.allGather(host + ":" + door.port()))
        .map(
            address -> {
              int colon = address.lastIndexOf(':');
              return InetSocketAddress.createUnresolved(
                  address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
            })
        .toList();
  }

  private List<Outcome> train(
      BarrierTaskContext task,
      TcpCommunicator group,
      Backend backend,
      NetworkSpec spec,
      Dataset data)
      throws IOException {
    byte[] state = group.fromFirst(group.rank() == 0 ? state() : null);
    ModelFile resumed = state.length == 0 ? null : ModelBytes.file(state);
    try (Network network =
        resumed == null
            ? Network.build(backend, spec, settings.seed())
            : ModelBytes.network(backend, state)) {
      TaskProgress progress = new TaskProgress(task);
      History history = training(network, group, resumed, progress).run(data, null);
      if (group.rank() > 0) {
        return List.of();
      }
      TrainingSummary summary =
          new TrainingSummary(
              history.epochs(),
              task.stageAttemptNumber(),
              progress.firstEpoch(),
              progress.updates(),
              group.bytesSent(),
              progress.seconds());
      return List.of(new Outcome(ModelBytes.of(network), summary));
    }
  }

  private Training training(
      Network network, TcpCommunicator group, ModelFile resumed, TaskProgress progress)
      throws IOException {
    Training training = Training.of(network).optimizer(Adam.rate(settings.rate()));
    if (settings.clipNorm() > 0) {
      training.clipNorm(settings.clipNorm());
    }
    if (settings.setup() != null) {
      training = settings.setup().apply(training);
    }
    training
        .epochs(settings.epochs())
        .batch(settings.batch())
        .seed(settings.seed())
        .shares(settings.shares())
        .member(group)
        .listener(progress);
    if (!checkpoint.isEmpty()) {
      training
          .metadata(Map.of(KEY, settings.fingerprint()))
          .checkpoint(
              model -> ModelBytes.write(checkpoint, ModelBytes.of(model), configuration.value()));
      if (settings.checkpointSeconds() > 0) {
        training.checkpointEvery(settings.checkpointSeconds());
      }
    }
    return resumed == null ? training : training.resume(resumed);
  }

  /** The checkpoint of this training; empty without one. */
  private byte[] state() throws IOException {
    byte[] state = checkpoint.isEmpty() ? null : ModelBytes.read(checkpoint, configuration.value());
    return state == null ? new byte[0] : state;
  }

  /**
   * Looks at the checkpoint before the training.
   *
   * @throws IllegalArgumentException if it is one of another training
   */
  void checkState() {
    try {
      byte[] state = state();
      if (state.length > 0
          && !settings.fingerprint().equals(ModelBytes.file(state).metadata().get(KEY))) {
        throw new IllegalArgumentException(
            "checkpointDir: expected an empty folder, or one with the state of a training with the"
                + " same settings on the same rows, got "
                + checkpoint
                + " of another. Empty the folder, or name another one.");
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "checkpointDir: expected a folder that can be read, got "
              + checkpoint
              + ": "
              + e.getMessage(),
          e);
    }
  }
}
