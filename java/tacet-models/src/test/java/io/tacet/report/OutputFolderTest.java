package io.tacet.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
  @TempDir Path folder;

  @Test
  void theFolderIsCreatedWithThoseAboveItAndTakesFiles() throws IOException {
    OutputFolder output = OutputFolder.create(folder.resolve("a").resolve("b"));
    output.writeJson("config.json", Map.of("epochs", 100));
    output.write("raw", stream -> stream.write(7));
    assertThat(output.file("config.json")).hasContent("{\n  \"epochs\" : 100\n}\n");
    assertThat(output.file("raw")).hasBinaryContent(new byte[] {7});
    assertThat(OutputFolder.create(output.path()).file("raw")).exists();
  }

  @Test
  void aFileOfThatNameIsReported() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "");
    assertThatIOException()
        .isThrownBy(() -> OutputFolder.create(file))
        .withMessageContainingAll(file.toString(), "is a file; name a directory");
    assertThatIOException().isThrownBy(() -> OutputFolder.create(file.resolve("b")));
  }
}
