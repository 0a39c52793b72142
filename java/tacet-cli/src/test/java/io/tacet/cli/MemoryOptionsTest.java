package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.files.Json;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --plan} and {@code --memory}. */
class MemoryOptionsTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private Shell.Result train(String... options) {
    String line =
        "train yin-yang --backend java --hidden 12 --samples 96 --epochs 1 --out "
            + folder.resolve("out");
    String[] words = line.split(" ");
    String[] all = Arrays.copyOf(words, words.length + options.length);
    System.arraycopy(options, 0, all, words.length, options.length);
    return tacet(all);
  }

  @Test
  void aPlanIsPrintedAndNothingIsWritten() throws IOException {
    Shell.Result result = train("--plan");
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.out()).contains("layer0", "training pass", "in all");
    assertThat(folder.resolve("out")).doesNotExist();
    Object bytes = Json.parseObject(train("--plan", "--json").lastLine()).get("bytes");
    assertThat(((Number) bytes).longValue()).isBetween(10_000L, 10_000_000L);
  }

  @Test
  void aTrainingThatDoesNotFitIsRefused() throws IOException {
    Shell.Result result = train("--memory", "10k");
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err())
        .contains("memory: expected a training of at most 10.0 KiB", "layer0", "--memory")
        .doesNotContain("\tat ");
    assertThat(Files.exists(folder.resolve("out").resolve("model.tacet"))).isFalse();
    assertThat(train("--memory", "1G").status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "12T", "G", "1.5G", ""})
  void sizesThatAreNoneAreRefused(String size) {
    Shell.Result result = train("--memory", size);
    assertThat(result.status()).isNotZero();
    assertThat(result.err()).contains("--memory");
  }
}
