package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.files.Json;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulateTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  void theMicrocircuitReportsRatesBesidePublishedOnesAndLeavesAPicture() throws IOException {
    String out = folder.resolve("out").toString();
    Shell.Result result =
        tacet(
            "simulate",
            "microcircuit",
            "--scale",
            "0.02",
            "--in-degree-scale",
            "0.2",
            "--seconds",
            "0.3",
            "--backend",
            "java",
            "--out",
            out,
            "--json");
    assertThat(result.status()).as(result.err()).isZero();
    Map<?, ?> json = (Map<?, ?>) Json.parse(result.lastLine());
    assertThat(json.get("neurons")).isEqualTo(1544L);
    assertThat((Double) json.get("realTimeFactor")).isPositive();
    List<?> populations = (List<?>) json.get("populations");
    assertThat(populations).hasSize(8);
    Map<?, ?> row = (Map<?, ?>) populations.get(2);
    assertThat(row.get("name")).isEqualTo("4E");
    assertThat(row.get("publishedRate")).isEqualTo(4.414);
    assertThat((Double) row.get("rate")).isBetween(1.0, 10.0);
    assertThat(folder.resolve("out/raster.png")).isNotEmptyFile();
    assertThat(Json.parse(Files.readString(folder.resolve("out/simulation.json")))).isEqualTo(json);
    String table =
        tacet(
                "simulate",
                "microcircuit",
                "--scale",
                "0.01",
                "--seconds",
                "0.05",
                "--input",
                "dc",
                "--backend",
                "java",
                "--out",
                out)
            .out();
    assertThat(table).contains("2/3E", "published", "real-time factor", "Raster");
  }

  @Test
  void theSameSeedGivesTheSameSpikes() throws IOException {
    String[] arguments = {
      "simulate",
      "microcircuit",
      "--scale",
      "0.02",
      "--in-degree-scale",
      "0.2",
      "--seconds",
      "0.2",
      "--seed",
      "5",
      "--backend",
      "java",
      "--json",
      "--out",
      folder.resolve("out").toString()
    };
    Map<?, ?> one = (Map<?, ?>) Json.parse(tacet(arguments).lastLine());
    Map<?, ?> two = (Map<?, ?>) Json.parse(tacet(arguments).lastLine());
    assertThat(one.get("populations")).isEqualTo(two.get("populations"));
    assertThat((Long) one.get("spikes")).isPositive().isEqualTo(two.get("spikes"));
  }

  @Test
  void aConnectomeOfAFileIsSimulated() throws IOException {
    Path file =
        Files.writeString(folder.resolve("ring.csv"), "pre,post,weight\na,b,3\nb,c,3\nc,a,3\n");
    String out = folder.resolve("out").toString();
    Shell.Result result =
        tacet(
            "simulate",
            "connectome",
            file.toString(),
            "--seconds",
            "0.5",
            "--input-rate",
            "800",
            "--backend",
            "java",
            "--out",
            out,
            "--json");
    assertThat(result.status()).as(result.err()).isZero();
    Map<?, ?> json = (Map<?, ?>) Json.parse(result.lastLine());
    assertThat(json.get("synapses")).isEqualTo(3L);
    assertThat((Long) json.get("spikes")).isPositive();
    assertThat(folder.resolve("out/raster.png")).isNotEmptyFile();
  }

  @Test
  void whatCannotBeSimulatedIsExplained() throws IOException {
    assertThat(tacet("simulate").err()).contains("microcircuit or connectome");
    assertThat(tacet("simulate", "microcircuit", "--scale", "2").err()).contains("(0, 1]");
    Path file = Files.writeString(folder.resolve("m.mtx"), "%%MatrixMarket matrix array\n");
    Shell.Result result = tacet("simulate", "connectome", file.toString());
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).startsWith("tacet: ").contains("line 1");
  }
}
