package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.files.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeersTest {
  /** What a script prints on a machine with a GPU; figures of no meaning. */
  private static final String LSTM =
      "{\"benchmark\": \"TorchRnn.forward\", \"params\": {\"units\": 512, \"batch\": 8, \"steps\":"
          + " 256, \"cell\": \"LSTM\", \"dtype\": \"fp16\", \"mode\": \"graph\"}, \"device_us\":"
          + " [500, 510.5, 490], \"wall_us\": [520.0, 515.0, 530.0], \"note\": \"kernels a; b\"}";

  @TempDir private Path folder;
  private final List<String> said = new ArrayList<>();
  private final List<Map<String, Object>> entries = new ArrayList<>();

  private Peers peers(String python) {
    return new Peers(python, folder.resolve("peers"), said::add);
  }

  /** A program that ignores the script and prints lines. */
  private String printing(int status, String... lines) throws IOException {
    Path program = folder.resolve("python");
    Path text = folder.resolve("lines");
    Files.write(text, List.of(lines));
    Files.writeString(program, "#!/bin/sh\ncat '" + text + "'\nexit " + status + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return program.toString();
  }

  private static List<String> rnn() {
    return Peers.scripts(Pattern.compile("TorchRnn"));
  }

  @Test
  void scriptsAreChosenByWhatTheyMeasure() {
    assertThat(rnn()).containsExactly("torch_rnn.py");
    assertThat(Peers.scripts(Pattern.compile(""))).hasSize(4);
    assertThat(Peers.scripts(Pattern.compile("EgruBenchmark"))).isEmpty();
  }

  @Test
  void measurementsStandBesideOurs() throws IOException {
    Peers peers = peers(printing(0, LSTM));
    peers.run(Plan.Size.QUICK, rnn(), entries::add);
    assertThat(peers.failures()).isEmpty();
    List<Timing> timings = new ArrayList<>(Timing.parse(Json.line(entries)));
    Timing lstm = timings.get(0);
    assertThat(lstm.time()).isEqualTo(520e-6);
    assertThat(lstm.counter("deviceMicros")).isEqualTo(500);
    assertThat(lstm.note()).isEqualTo("kernels a; b");
    timings.add(
        Fixture.timing(
            "EgruBenchmark.layerForward",
            new double[] {260e-6},
            "backend",
            "cuda",
            "threads",
            "1",
            "units",
            "512",
            "batch",
            "8",
            "steps",
            "256",
            "threshold",
            "0.3",
            "engine",
            "AUTO"));
    List<Analysis.Pair> pairs = new Analysis(timings).pairs();
    assertThat(pairs).singleElement().satisfies(p -> assertThat(p.speedUp()).isEqualTo(2));
    assertThat(pairs.get(0).peer()).isEqualTo("torch cell LSTM, dtype fp16, mode graph");
    assertThat(Report.markdown(timings, Fixture.environment())).contains("kernels a; b");
  }

  @Test
  void aLibraryThatIsMissingIsSaidAndNoFailure() throws IOException {
    Peers peers = peers(printing(0, "{\"missing\": \"torch: No module named 'torch'\"}"));
    peers.run(Plan.Size.QUICK, rnn(), entries::add);
    assertThat(peers.failures()).isEmpty();
    assertThat(entries).isEmpty();
    assertThat(said).contains("  torch: No module named 'torch'");
  }

  @Test
  void withoutPythonThereIsALine() throws IOException {
    Peers peers = peers(folder.resolve("nothing").toString());
    peers.run(Plan.Size.QUICK, rnn(), entries::add);
    assertThat(peers.failures()).isEmpty();
    assertThat(said).last().asString().contains("nothing found to run peers with", "--python");
  }

  @Test
  void scriptsThatBreakOrComputeSomethingElseFail() throws IOException {
    Peers peers =
        peers(
            printing(
                1,
                LSTM,
                "{\"check\": \"gru y\", \"ok\": false, \"detail\": \"largest difference 0.1\"}",
                "{\"check\": \"egru y\", \"ok\": true, \"detail\": \"\"}",
                "Segmentation fault"));
    peers.run(Plan.Size.QUICK, rnn(), entries::add);
    assertThat(entries).hasSize(1);
    assertThat(peers.failures())
        .hasSize(3)
        .anyMatch(f -> f.contains("torch_rnn.log"))
        .anyMatch(f -> f.contains("gru y computes something else: largest difference 0.1"))
        .anyMatch(f -> f.contains("'Segmentation fault'"));
  }

  /** Where torch for the CPU is, TACET_PYTHON can name its Python: then results are compared. */
  @Test
  void theScriptsComputeWhatWeDo() throws Exception {
    String python = System.getenv().getOrDefault("TACET_PYTHON", "python3");
    Path data = folder.resolve("check.json");
    PeerData.write(data);
    for (String script : Peers.scripts(Pattern.compile(""))) {
      Process process;
      try {
        process =
            new ProcessBuilder(
                    python, "-B", "peers/" + script, "--check", data.toString(), "--only-check")
                .redirectError(folder.resolve("errors").toFile())
                .start();
      } catch (IOException e) {
        Assumptions.abort("no " + python + " here");
        return;
      }
      List<String> lines =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .toList();
      assertThat(process.waitFor()).as(Files.readString(folder.resolve("errors"))).isZero();
      assertThat(lines).as(script).isNotEmpty();
      for (String line : lines) {
        Map<String, Object> map = Json.parseObject(line);
        assertThat(map).as(line).containsAnyOf(Map.entry("ok", true), missing(map));
      }
    }
  }

  private static Map.Entry<String, Object> missing(Map<String, Object> line) {
    return Map.entry("missing", line.getOrDefault("missing", ""));
  }
}
