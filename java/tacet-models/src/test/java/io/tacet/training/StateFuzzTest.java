package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.data.Sequences;
import io.tacet.data.SpikeDataset;
import io.tacet.exchange.ArraysFormat;
import io.tacet.files.Json;
import io.tacet.files.JsonObject;
import io.tacet.fuzz.FileTarget;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.report.MetricsCsv;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Tasks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a training keeps, and what it is told by, is any bytes: files of models, their structure and
 * the state of a training in files whose checks are right, tables of metrics, settings. As {@link
 * io.tacet.data.ReaderFuzzTest}.
 */
class StateFuzzTest {
  private static final Backend JAVA = Backends.open("java");
  private static final FileTarget MODEL =
      FileTarget.of(file -> Network.load(JAVA, file), () -> List.of(network()));
  private static final FileTarget STRUCTURE =
      FileTarget.of(StateFuzzTest::structured, StateFuzzTest::structures);
  private static final FileTarget WEIGHTS =
      FileTarget.of(StateFuzzTest::weighted, () -> List.of(arrays()));
  private static final FileTarget PROGRESS =
      new FileTarget("resume: ", StateFuzzTest::resumed, StateFuzzTest::states);
  private static final FileTarget METRICS =
      FileTarget.of(
          file -> MetricsCsv.resume(file, 3), () -> texts("epoch,loss\n1,0.5\n2,0.25\n3,NaN\n"));
  private static final FileTarget JSON =
      FileTarget.of(
          JsonObject::read,
          () -> texts("{\"a\": [1, 2.5, {\"b\": null}], \"c\": \"\\u00fc\", \"d\": true}"));
  private static final FileTarget SETTINGS =
      FileTarget.of(file -> Settings.of(JsonObject.read(file)), StateFuzzTest::allSettings);
  private static final FileTarget OPTION =
      new FileTarget("--", StateFuzzTest::option, () -> texts("epochs=3", "rate=0.5", "hidden=12"));

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static List<byte[]> texts(String... texts) {
    return Arrays.stream(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static Network small() {
    return Network.on(JAVA)
        .duration(40)
        .spikes(Sequences.SOURCES)
        .bin(12)
        .egru(4, Egru.defaults().thresholds(0.1), Connection.dense(), Connection.sparse(0.5))
        .readout(Sequences.CLASSES)
        .build(1);
  }

  /** A checkpoint of a training, which is a model file. */
  private static ModelFile checkpoint() throws IOException {
    SpikeDataset data = Sequences.generate("spikes", 8, 1);
    Path file = Files.createTempFile("sample", ".tacet");
    try (Network network = small()) {
      Training.of(network).epochs(2).batch(4).checkpoint(file).run(data, data);
      return ModelFile.read(file);
    } finally {
      Files.delete(file);
    }
  }

  /** Made once: its numbers stay, and texts are put in the place of its own. */
  private static final class Holder {
    static final ModelFile CHECKPOINT = made();

    private static ModelFile made() {
      try {
        return checkpoint();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private static byte[] network() throws IOException {
    Path file = Files.createTempFile("sample", ".tacet");
    try (Network network = small()) {
      network.save(file);
      return Files.readAllBytes(file);
    } finally {
      Files.delete(file);
    }
  }

  private static byte[] arrays() throws IOException {
    Path file = Files.createTempFile("sample", ".safetensors");
    try (Network network = small()) {
      String ignored = new ArraysFormat().write(network, file);
      return Files.readAllBytes(file);
    } finally {
      Files.delete(file);
    }
  }

  /** The checkpoint with the text of a file in the place of what a key of its metadata says. */
  private static ModelFile with(String key, Path file) throws IOException {
    ModelFile whole = Holder.CHECKPOINT;
    ModelFileBuilder forged = ModelFile.builder();
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    for (String other : whole.metadata().keySet()) {
      forged.metadata(other, other.equals(key) ? text : whole.metadata(other));
    }
    for (String name : whole.names()) {
      switch (whole.type(name)) {
        case FLOAT32 -> forged.floats(name, whole.floats(name));
        case FLOAT64 -> forged.doubles(name, whole.doubles(name));
        default -> forged.ints(name, whole.ints(name));
      }
    }
    return forged.build();
  }

  private static Object structured(Path file) throws IOException {
    return Network.read(JAVA, with("network", file), file, null);
  }

  private static List<byte[]> structures() throws IOException {
    return texts(Holder.CHECKPOINT.metadata("network"));
  }

  private static Object resumed(Path file) throws IOException {
    return Training.epochsDone(with("training", file));
  }

  private static List<byte[]> states() throws IOException {
    return texts(Holder.CHECKPOINT.metadata("training"));
  }

  private static Object weighted(Path file) throws IOException {
    try {
      return new ArraysFormat().read(JAVA, file, null);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static List<byte[]> allSettings() {
    return Tasks.all().stream()
        .map(task -> Json.line(Settings.of(task, null).toMap()).getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  /** A value as the command line gives it: the name of an option, =, and any text. */
  private static Object option(Path file) throws IOException {
    String[] parts = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("=", 2);
    try {
      Settings settings = Settings.of(Tasks.of("yin-yang"), null);
      return parts.length < 2 ? settings : settings.with(Map.of(parts[0], parts[1]));
    } catch (IllegalArgumentException e) {
      throw new IOException("--" + e.getMessage(), e);
    }
  }

  static Stream<byte[]> model() {
    return MODEL.seeds();
  }

  @MethodSource
  @FuzzTest
  void model(byte[] bytes) {
    MODEL.check(bytes);
  }

  static Stream<byte[]> structure() {
    return STRUCTURE.seeds();
  }

  @MethodSource
  @FuzzTest
  void structure(byte[] bytes) {
    STRUCTURE.check(bytes);
  }

  static Stream<byte[]> weights() {
    return WEIGHTS.seeds();
  }

  @MethodSource
  @FuzzTest
  void weights(byte[] bytes) {
    WEIGHTS.check(bytes);
  }

  static Stream<byte[]> progress() {
    return PROGRESS.seeds();
  }

  @MethodSource
  @FuzzTest
  void progress(byte[] bytes) {
    PROGRESS.check(bytes);
  }

  static Stream<byte[]> metrics() {
    return METRICS.seeds();
  }

  @MethodSource
  @FuzzTest
  void metrics(byte[] bytes) {
    METRICS.check(bytes);
  }

  static Stream<byte[]> json() {
    return JSON.seeds();
  }

  @MethodSource
  @FuzzTest
  void json(byte[] bytes) {
    JSON.check(bytes);
  }

  static Stream<byte[]> settings() {
    return SETTINGS.seeds();
  }

  @MethodSource
  @FuzzTest
  void settings(byte[] bytes) {
    SETTINGS.check(bytes);
  }

  static Stream<byte[]> option() {
    return OPTION.seeds();
  }

  @MethodSource
  @FuzzTest
  void option(byte[] bytes) {
    OPTION.check(bytes);
  }
}
