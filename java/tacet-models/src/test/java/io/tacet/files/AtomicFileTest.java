package io.tacet.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  private long filesInFolder() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  @Test
  void aFileIsCreatedAndReplacedWhole() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.writeText(file, "one\n");
    AtomicFile.writeText(file, "zwölf\n");
    assertThat(file).hasContent("zwölf\n");
    assertThat(filesInFolder()).isEqualTo(1);
  }

  @Test
  void anInterruptDoesNotEndAWriteThatHasBegun() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.writeText(file, "old");
    try {
      AtomicFile.write(
          file,
          out -> {
            out.write('n');
            Thread.currentThread().interrupt();
            out.write(new byte[1 << 17]);
          });
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
      AtomicFile.writeText(folder.resolve("b.txt"), "interrupted before it began\n");
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
    assertThat(file).hasSize((1 << 17) + 1);
    assertThat(filesInFolder()).isEqualTo(2);
  }

  @Test
  void aFullDiskLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.writeText(file, "old");
    assertThatIOException()
        .isThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IOException("No space left on device");
                    }))
        .withMessage(
            "Cannot write "
                + file
                + ": No space left on device; the file of that name is unchanged.");
    assertThat(file).hasContent("old");
    assertThat(filesInFolder()).isEqualTo(1);
  }

  @Test
  void anExceptionOfTheWriterPassesThroughAndLeavesNothing() throws IOException {
    Path file = folder.resolve("a.txt");
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      throw new IllegalStateException("no");
                    }));
    assertThat(filesInFolder()).isZero();
  }

  @Test
  void whatKilledProcessesLeftIsDeletedAndNothingElse() throws IOException {
    String[] others = {"a.txt", "b.tmp", ".b.tmp", ".hidden", ".b.UP.tmp"};
    for (String other : others) {
      Files.createFile(folder.resolve(other));
    }
    assertThatIOException()
        .isThrownBy(
            () ->
                AtomicFile.write(
                    folder.resolve("a.txt"),
                    out -> {
                      assertThat(filesInFolder()).isEqualTo(others.length + 1);
                      AtomicFile.removeTemporaries(folder);
                      assertThat(filesInFolder()).isEqualTo(others.length);
                      throw new IOException("killed");
                    }))
        .withMessageContaining("killed");
    for (String other : others) {
      assertThat(folder.resolve(other)).exists();
    }
  }

  @Test
  void aMissingFolderIsNamed() {
    Path file = folder.resolve("none").resolve("a.txt");
    assertThatIOException()
        .isThrownBy(() -> AtomicFile.writeText(file, ""))
        .withMessageContaining("there is no directory " + folder.resolve("none"));
  }

  @Test
  void aFolderIsNotOverwritten() {
    assertThatIOException()
        .isThrownBy(() -> AtomicFile.writeText(folder, ""))
        .withMessageContaining("it is a directory");
  }

  @Test
  void aSymbolicLinkKeepsPointingToTheFileThatIsReplaced() throws IOException {
    Path file = folder.resolve("a.txt");
    Path link = folder.resolve("link");
    AtomicFile.writeText(file, "old");
    Files.createSymbolicLink(link, file);
    AtomicFile.writeText(link, "new");
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(file).hasContent("new");
  }
}
