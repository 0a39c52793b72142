package io.tacet.cuda.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JCuda's libraries load in processes that start at once; needs no GPU. */
class JCudaNativesTest {
  @TempDir Path folder;

  @Test
  void processesThatStartAtOnceDoNotDisturbEachOther() throws Exception {
    Path cache = Files.createDirectory(folder.resolve("cache"));
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    // What JCuda would load: the beginning of a library that another process is still writing.
    String file =
        LibUtils.createLibraryFileName(
            LibUtils.createPlatformLibraryName("JCudaRuntime-" + JCudaVersion.get()));
    Files.write(temporary.resolve(file), new byte[] {0x7f, 'E', 'L', 'F'});
    List<Process> processes = new ArrayList<>();
    for (int k = 0; k < 4; k++) {
      processes.add(start(cache, temporary));
    }
    for (Process process : processes) {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      assertThat(output).contains("loaded").contains(cache.toString()).contains(file);
      assertThat(output).doesNotContain("did not load").contains("tmpdir " + temporary);
    }
    try (var left = Files.walk(cache)) {
      assertThat(left.filter(Files::isRegularFile).map(f -> f.getFileName().toString()))
          .contains(file)
          .noneMatch(name -> name.endsWith(".part"));
    }
  }

  private static Process start(Path cache, Path temporary) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-Djava.io.tmpdir=" + temporary,
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            JCudaNativesTest.class.getName());
    builder.environment().put("XDG_CACHE_HOME", cache.toString());
    return builder.redirectErrorStream(true).start();
  }

  /** Prints what is wrong with JCuda, and which file was loaded. */
  public static void main(String[] args) throws IOException {
    JCudaProbe.problems().forEach(System.out::println);
    System.out.println("tmpdir " + System.getProperty("java.io.tmpdir"));
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      maps.filter(line -> line.contains("JCudaRuntime"))
          .findFirst()
          .ifPresent(line -> System.out.println("loaded " + line));
    }
  }
}
