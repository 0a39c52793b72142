package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.files.Json;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import io.tacet.tasks.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says when it is asked for something that it cannot do. */
class MessagesTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** A failure that is one sentence for people, without a stack trace. */
  private static void failed(Shell.Result result, String... parts) {
    assertThat(result.status()).as(result.err()).isEqualTo(1);
    assertThat(result.err()).startsWith("tacet: ").contains(parts).doesNotContain("\tat ");
  }

  @Test
  void withoutArgumentsItExplainsItself() {
    Shell.Result result = tacet();
    assertThat(result.status()).isZero();
    assertThat(result.out())
        .contains("tacet train yin-yang", "train", "eval", "inspect", "doctor")
        .contains("Usage");
    assertThat(result.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train",
        "eval",
        "predict",
        "compare",
        "inspect",
        "import",
        "export",
        "doctor",
        "grid-error",
        "bench",
        "generate-completion"
      })
  void everyCommandHasHelp(String command) {
    Shell.Result result = tacet(command, "--help");
    assertThat(result.status()).isZero();
    assertThat(result.out()).contains("Usage: tacet " + command);
  }

  @Test
  void anUnknownBackendIsAnsweredWithTheKnownOnes() {
    failed(
        tacet("train", "yin-yang", "--backend", "gpu", "--out", folder.toString()),
        "java",
        "host",
        "cuda",
        "auto",
        "'gpu'");
  }

  @Test
  void aMissingGpuIsAnsweredWithEveryReasonAndARemedy() {
    assumeThat(Backends.all()).anyMatch(b -> b.name().equals("cuda") && !b.available());
    failed(
        tacet("train", "yin-yang", "--backend", "cuda", "--out", folder.toString()),
        "cuda backend is not available",
        "tacet doctor",
        "java backend");
  }

  @Test
  void missingMnistSaysWhatIsLookedForAndWhereToGetIt() {
    failed(
        tacet("train", "mnist", "--data", folder.toString(), "--out", folder + "/out"),
        "train-images-idx3-ubyte.gz",
        folder.toString(),
        "http://yann.lecun.com/exdb/mnist/");
  }

  @Test
  void settingsOutOfRangeAreNamed() {
    failed(tacet("train", "yin-yang", "--epochs", "0"), "--epochs", "at least 1", "0");
    failed(tacet("train", "yin-yang", "--batch", "-1"), "--batch", "at least 1", "-1");
    failed(tacet("train", "yin-yang", "--hidden", "0"), "--hidden", "at least 1", "0");
    failed(tacet("train", "yin-yang", "--dt", "0.1"), "--dt", "--simulator grid");
    failed(tacet("train", "yin-yang", "--recipe", "worst"), "recipe", "paper", "'worst'");
  }

  @Test
  void resumingWithoutACheckpointSaysSo() {
    failed(
        tacet("train", "yin-yang", "--resume", "--out", folder.toString()),
        "--resume",
        "checkpoint.tacet");
  }

  @ParameterizedTest
  @ValueSource(strings = {"eval", "inspect"})
  void aModelFileThatIsNotThereIsNamed(String command) {
    failed(tacet(command, folder + "/none.tacet"), "no file", "none.tacet");
  }

  @ParameterizedTest
  @ValueSource(strings = {"eval", "inspect"})
  void aDamagedModelFileIsNamed(String command) throws IOException {
    Path file = folder.resolve("model.tacet");
    write(file, 0);
    byte[] bytes = Files.readAllBytes(file);

    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    failed(tacet(command, file.toString()), file.toString());

    byte[] flipped = bytes.clone();
    flipped[bytes.length / 2] ^= 1;
    Files.write(file, flipped);
    failed(tacet(command, file.toString()), file.toString());

    Files.writeString(file, "not a model");
    failed(tacet(command, file.toString()), file.toString());
  }

  @Test
  void weightsThatAreNotNumbersAreNamed() throws IOException {
    Path file = folder.resolve("model.tacet");
    write(file, Double.NaN);
    failed(tacet("eval", file.toString()), file.toString(), "layer0.weights[7]", "NaN", "finite");
  }

  /** An untrained network with its settings, one weight replaced. */
  private static void write(Path file, double weight) throws IOException {
    Task task = Tasks.of("yin-yang");
    Settings settings = Settings.of(task, "paper");
    NetworkSpec spec = task.network(settings, task.load(Path.of("nowhere"), settings));
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec, 1)) {
      DeviceArray weights = network.arrays().get("layer0.weights");
      double[] values = weights.toDoubles();
      values[7] = weight;
      weights.copyFrom(values);
      ModelFileBuilder model = ModelFile.builder();
      network.write(model);
      model.metadata("settings", Json.line(settings.toMap()));
      model.build().write(file);
    }
  }

  @Test
  void inspectListsArraysAndSettings() throws IOException {
    Path file = folder.resolve("model.tacet");
    write(file, 0);
    Shell.Result result = tacet("inspect", file.toString());
    assertThat(result.status()).isZero();
    assertThat(result.out()).contains("layer0.weights", "1000", "float64", "yin-yang");
  }

  @Test
  void doctorListsEveryBackend() {
    Shell.Result result = tacet("doctor");
    assertThat(result.status()).isZero();
    assertThat(result.out()).contains("JVM", "Backend java", "Backend host", "Backend cuda");
  }

  @Test
  void benchmarksComeWithTheSource() throws IOException {
    Path source = folder.resolve("source");
    Files.createDirectories(source.resolve("bench"));
    Files.createFile(source.resolve("bench").resolve("pom.xml"));
    assertThat(BenchCommand.root(source.resolve("target").resolve("tacet.jar"))).isEqualTo(source);
    assertThatThrownBy(() -> BenchCommand.root(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("source");
  }

  @Test
  void aQuickAndAFullRunExcludeEachOther() {
    assertThat(tacet("bench", "--quick", "--full").status()).isEqualTo(2);
  }
}
