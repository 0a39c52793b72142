package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
  @TempDir private Path folder;

  private Path results() throws IOException {
    Path results = folder.resolve("results");
    Files.createDirectories(results.resolve("bench"));
    Files.writeString(results.resolve("stages.jsonl"), "{}\n");
    Files.writeString(results.resolve("bench/report.md"), "x".repeat(1500));
    Files.writeString(results.resolve("empty"), "");
    return results;
  }

  @Test
  void tarReadsWhatWasPacked() throws Exception {
    Path archive = folder.resolve("results.tar.gz");
    Archive.pack(results(), archive);
    Path out = Files.createDirectory(folder.resolve("out"));
    Process tar;
    try {
      tar =
          new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", out.toString())
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      Assumptions.abort("no tar here");
      return;
    }
    String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tar.waitFor()).as(said).isZero();
    assertThat(said).isEmpty();
    assertThat(out.resolve("results/stages.jsonl")).hasContent("{}\n");
    assertThat(out.resolve("results/bench/report.md")).hasContent("x".repeat(1500));
    assertThat(out.resolve("results/empty")).isEmptyFile();
  }

  @Test
  void filesFillBlocksOf512Bytes() throws IOException {
    Path archive = folder.resolve("results.tar.gz");
    Archive.pack(results(), archive);
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(archive))) {
      // Three headers, 1500 and 3 bytes in whole blocks, and two blocks at the end.
      assertThat(in.readAllBytes()).hasSize(512 * (3 + 3 + 1 + 2));
    }
  }

  @Test
  void aPathThatDoesNotFitIsNamed() throws IOException {
    Path results = results();
    Files.writeString(results.resolve("a".repeat(120)), "");
    assertThatThrownBy(() -> Archive.pack(results, folder.resolve("a.tar.gz")))
        .hasMessageContaining("at most 100 bytes");
  }
}
