package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files in an output folder are refused by name on {@code --resume}, and stay as they are.
 */
class DamagedOutputTest {
  private static final int PLACES = 16;

  @TempDir private static Path folder;
  private static Map<String, byte[]> whole;

  @BeforeAll
  static void train() throws IOException {
    succeeded(train("yin-yang", "--hidden", "12", "--samples", "96", "--epochs", "2"));
    whole = files();
  }

  @AfterEach
  void nothingLeaksAndTheFolderIsWholeAgain() throws IOException {
    assertThat(Leaks.open()).isZero();
    for (String name : files().keySet()) {
      Files.delete(folder.resolve(name));
    }
    for (Map.Entry<String, byte[]> file : whole.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
  }

  private static Shell.Result train(String... options) {
    List<String> all = new ArrayList<>(List.of("train"));
    all.addAll(List.of(options));
    all.addAll(List.of("--backend", "java", "--json", "--out", folder.toString()));
    return tacet(all.toArray(String[]::new));
  }

  private static void succeeded(Shell.Result result) {
    assertThat(result.status()).as(result.err()).isZero();
  }

  private static Map<String, byte[]> files() throws IOException {
    Map<String, byte[]> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        all.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return all;
  }

  /** Writes the damaged file, and expects a sentence with these parts and no change of any file. */
  private static void refused(String file, byte[] damaged, String[] command, String... parts)
      throws IOException {
    Files.write(folder.resolve(file), damaged);
    Map<String, byte[]> before = files();
    Shell.Result result = train(command);
    assertThat(result.status()).as(result.err()).isEqualTo(1);
    assertThat(result.err())
        .startsWith("tacet: ")
        .contains(folder.resolve(file).toString())
        .doesNotContain("\tat ");
    for (String part : parts) {
      assertThat(result.err()).contains(part);
    }
    Map<String, byte[]> after = files();
    assertThat(after.keySet()).isEqualTo(before.keySet());
    after.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(before.get(name)));
  }

  private static String[] resumed() {
    return new String[] {"yin-yang", "--resume", "--epochs", "3"};
  }

  private static byte[] flipped(String file, int at) {
    byte[] bytes = whole.get(file).clone();
    bytes[at] ^= (byte) 0xff;
    return bytes;
  }

  private static byte[] replaced(String file, String from, String to) {
    String text = new String(whole.get(file), StandardCharsets.UTF_8);
    assertThat(text).contains(from);
    return text.replace(from, to).getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aFlippedByteOfTheCheckpointIsRefused() throws IOException {
    int length = whole.get("checkpoint.tacet").length;
    for (int k = 0; k <= PLACES; k++) {
      refused(
          "checkpoint.tacet", flipped("checkpoint.tacet", k * (length - 1) / PLACES), resumed());
    }
    refused("checkpoint.tacet", flipped("checkpoint.tacet", length - 1), resumed(), "is damaged");
  }

  @Test
  void aCheckpointCutShortIsRefused() throws IOException {
    byte[] bytes = whole.get("checkpoint.tacet");
    for (int length : new int[] {0, 7, 8, 60, bytes.length / 2, bytes.length - 1}) {
      refused("checkpoint.tacet", Arrays.copyOf(bytes, length), resumed());
    }
  }

  @Test
  void aDamagedModelIsNotMeasured() throws IOException {
    Path model = folder.resolve("model.tacet");
    for (int k = 0; k <= PLACES; k++) {
      Files.write(
          model, flipped("model.tacet", k * (whole.get("model.tacet").length - 1) / PLACES));
      Shell.Result result = tacet("eval", model.toString(), "--backend", "java");
      assertThat(result.status()).as(result.err()).isEqualTo(1);
      assertThat(result.err()).startsWith("tacet: " + model + ": ").doesNotContain("\tat ");
    }
  }

  @Test
  void aDamagedConfigurationIsRefused() throws IOException {
    String config = "config.json";
    String[] command = {folder.resolve(config).toString(), "--resume"};
    byte[] bytes = whole.get(config);
    for (int length : new int[] {0, 1, bytes.length / 2, bytes.length - 2}) {
      refused(config, Arrays.copyOf(bytes, length), command);
    }
    refused(config, flipped(config, bytes.length / 2), command);
    refused(config, replaced(config, "\"hidden\"", "\"hiddem\""), command, "hiddem");
    Files.write(folder.resolve(config), replaced(config, "\"hidden\" : 12", "\"hidden\" : 13"));
    Shell.Result other = train(command);
    assertThat(other.status()).isEqualTo(1);
    assertThat(other.err()).contains("--hidden: expected 12", "checkpoint.tacet", "got 13");
  }

  @Test
  void metricsThatCannotBeContinuedAreRefused() throws IOException {
    String metrics = "metrics.csv";
    refused(metrics, replaced(metrics, "epoch,", "epocH,"), resumed(), "\"epocH\"");
    refused(metrics, replaced(metrics, "\n2,", "\n:,"), resumed(), "line 3");
    refused(metrics, flipped(metrics, 20), resumed(), "UTF-8");
  }

  @Test
  void rowsOfMetricsThatWereCutOffAreWrittenAgain() throws IOException {
    byte[] rows = whole.get("metrics.csv");
    for (int length : new int[] {0, 3, rows.length / 2, rows.length - 4}) {
      Files.write(folder.resolve("metrics.csv"), Arrays.copyOf(rows, length));
      succeeded(train("yin-yang", "--resume"));
      assertThat(folder.resolve("metrics.csv")).hasBinaryContent(rows);
    }
  }

  @Test
  void whatAKilledTrainingLeftIsCleared() throws IOException {
    Path left = Files.createFile(folder.resolve(".checkpoint.tacet.0abc.tmp"));
    succeeded(train("yin-yang", "--resume"));
    assertThat(left).doesNotExist();
  }
}
