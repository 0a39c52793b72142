package io.tacet.cuda.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadingTest {
  @TempDir Path folder;

  private URL resource(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content).toUri().toURL();
  }

  @Test
  void extractsByContentIntoAPrivateDirectory() throws IOException {
    Path parent = folder.resolve("cache");
    Path first = Extraction.extract(List.of(resource("a.so", "one")), parent);
    assertThat(first.resolve("a.so")).hasContent("one");
    assertThat(Extraction.extract(List.of(resource("a.so", "one")), parent)).isEqualTo(first);
    assertThat(Extraction.extract(List.of(resource("a.so", "two")), parent)).isNotEqualTo(first);
    assertThat(
            java.nio.file.attribute.PosixFilePermissions.toString(
                Files.getPosixFilePermissions(first)))
        .isEqualTo("rwx------");
  }

  @Test
  void aFolderThatOthersCanWriteToIsRefused() throws IOException {
    Path cache = Files.createDirectory(folder.resolve("cache"));
    List<URL> resources = List.of(resource("a.so", "x"));
    for (String rights : List.of("rwxrwx---", "rwx---rwx")) {
      Files.setPosixFilePermissions(
          cache, java.nio.file.attribute.PosixFilePermissions.fromString(rights));
      assertThatThrownBy(() -> Extraction.extract(resources, cache))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(cache + " can be written to by other users");
    }
    Files.setPosixFilePermissions(
        cache, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(Extraction.extract(resources, cache).resolve("a.so")).hasContent("x");
  }

  @Test
  void repairsAFileThatIsNotWhatItShouldBe() throws IOException {
    List<URL> resources = List.of(resource("a.so", "right"));
    Path directory = Extraction.extract(resources, folder.resolve("cache"));
    Files.writeString(directory.resolve("a.so"), "wrong");
    Extraction.extract(resources, folder.resolve("cache"));
    assertThat(directory.resolve("a.so")).hasContent("right");
  }

  @Test
  void aFileOfAJarIsFollowedByItsIndexAndADamagedOneIsRefused() throws IOException {
    Path jar = folder.resolve("natives.jar");
    byte[] content = "the library, stored as it is".getBytes(StandardCharsets.UTF_8);
    CRC32 crc = new CRC32();
    crc.update(content);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
      ZipEntry entry = new ZipEntry("a.so");
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(content.length);
      entry.setCrc(crc.getValue());
      out.putNextEntry(entry);
      out.write(content);
    }
    Path cache = folder.resolve("cache");
    List<URL> resources = List.of(URI.create("jar:" + jar.toUri() + "!/a.so").toURL());
    Path directory = Extraction.extract(resources, cache);
    assertThat(directory.resolve("a.so")).hasBinaryContent(content);
    Files.writeString(directory.resolve("a.so"), "another one, of the same size".substring(1));
    Extraction.extract(resources, cache);
    assertThat(directory.resolve("a.so")).hasBinaryContent(content);

    byte[] whole = Files.readAllBytes(jar);
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    whole[text.indexOf("stored")] = 'S';
    Path damaged = Files.write(folder.resolve("damaged.jar"), whole);
    List<URL> other = List.of(URI.create("jar:" + damaged.toUri() + "!/a.so").toURL());
    assertThatThrownBy(() -> Extraction.extract(other, folder.resolve("empty")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.so is damaged");
    try (var left = Files.walk(folder.resolve("empty"))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void manyProcessesCanExtractAtOnce() throws Exception {
    List<URL> resources = List.of(resource("a.so", "x".repeat(1 << 20)));
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      Callable<Path> extract = () -> Extraction.extract(resources, folder.resolve("cache"));
      List<Future<Path>> all =
          pool.invokeAll(IntStream.range(0, 32).mapToObj(i -> extract).toList());
      for (Future<Path> one : all) {
        assertThat(one.get().resolve("a.so")).hasSize(1 << 20);
        try (var files = Files.list(one.get())) {
          assertThat(files.filter(f -> f.toString().endsWith(".so"))).hasSize(1);
        }
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void aPlaceThatCannotBeWrittenIsAnIoException() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    List<URL> resources = List.of(resource("a.so", "x"));
    assertThatThrownBy(() -> Extraction.extract(resources, file)).isInstanceOf(IOException.class);
  }

  @Test
  void diagnosesWhatPeopleMeet() throws IOException {
    Path elf = folder.resolve("libx.so");
    byte[] header = new byte[20];
    header[0] = 0x7f;
    header[1] = 'E';
    header[18] = (byte) 183;
    Files.write(elf, header);
    assertThat(diagnose(elf, "libcublas.so.12: cannot open shared object file: No such file"))
        .contains("install it or add it to LD_LIBRARY_PATH")
        .contains(elf.toString());
    assertThat(diagnose(elf, "/lib/libc.so.6: version `GLIBC_2.36' not found"))
        .contains("needs GLIBC_2.36");
    assertThat(diagnose(elf, "failed to map segment from shared object"))
        .contains("noexec")
        .contains("-Dtacet.library.path");
    assertThat(diagnose(elf, "cannot load")).contains("built for aarch64");
    assertThat(diagnose(Files.writeString(folder.resolve("liby.so"), "<html>"), "invalid header"))
        .contains("not an ELF file");
  }

  private static String diagnose(Path file, String message) {
    return LoadDiagnosis.of(file, new UnsatisfiedLinkError(message));
  }

  @Test
  @Tag("native")
  void aDirectoryGivenByPropertyIsUsedAndNothingElse() throws Exception {
    assertThat(inNewJvm(NativeLibrary.get().directory().toString()))
        .contains("loaded true")
        .contains(NativeLibrary.get().directory().toString());
    assertThat(inNewJvm(folder.resolve("nowhere").toString()))
        .contains("loaded false")
        .contains("there is no file " + folder.resolve("nowhere/libtacet.so"));
    Path broken = Files.createDirectory(folder.resolve("broken"));
    Files.writeString(broken.resolve("libtacet.so"), "not a library");
    assertThat(inNewJvm(broken.toString()))
        .contains("loaded false")
        .contains("it is not an ELF file");
  }

  /** Prints what loading gives; run in a JVM of its own, since loading happens once. */
  public static void main(String[] args) {
    System.out.println("loaded " + NativeLibrary.get().loaded());
    System.out.println(NativeLibrary.get().directory());
    NativeLibrary.get().problems().forEach(System.out::println);
  }

  private static String inNewJvm(String path) throws IOException, InterruptedException {
    return NewJvm.run(
        Map.of(), List.of("-D" + NativeLibrary.PATH_PROPERTY + "=" + path), LoadingTest.class);
  }
}
