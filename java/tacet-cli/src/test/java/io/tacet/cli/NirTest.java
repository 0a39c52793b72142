package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.memory.Leaks;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tacet export} and {@code tacet import} with files of NIR. */
class NirTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private Path model() throws IOException {
    Path model = folder.resolve("model.tacet");
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .spikes(3)
                .lif(4, Lif.tau(20, 5), Weights.normal(1, 1))
                .lif(2, Lif.tau(20, 5), Weights.normal(1, 1))
                .build(1)) {
      network.save(model);
    }
    return model;
  }

  @Test
  void aModelGoesToNirAndBack() throws IOException {
    Path model = model();
    Path graph = folder.resolve("net.nir");
    Path back = folder.resolve("back.tacet");
    Shell.Result exported = tacet("export", model.toString(), "--out", graph.toString());
    assertThat(exported.status()).as(exported.err()).isZero();
    assertThat(exported.out()).contains("6 nodes in " + graph);
    Shell.Result imported =
        tacet("import", graph.toString(), "--out", back.toString(), "--set", "duration=80");
    assertThat(imported.status()).as(imported.err()).isZero();
    ModelFile before = ModelFile.read(model);
    ModelFile after = ModelFile.read(back);
    assertThat(after.floats("layer0.weights")).isEqualTo(before.floats("layer0.weights"));
    assertThat(after.metadata("network")).contains("\"duration\":80.0");
  }

  @Test
  void settingsAndFilesAreRefusedInASentence() throws IOException {
    Path model = model();
    Path graph = folder.resolve("net.nir");
    assertThat(tacet("export", model.toString(), "--out", graph.toString()).status()).isZero();
    assertThat(tacet("import", graph.toString(), "--set", "dtt=1").err())
        .contains("settings", "dtt", "Did you mean \"dt\"?");
    assertThat(tacet("import", graph.toString(), "--set", "dt=fast").err())
        .contains("settings", "dt", "fast");
    Path weights = folder.resolve("weights.npz");
    assertThat(
            tacet("export", model.toString(), "--out", weights.toString(), "--set", "dt=1").err())
        .contains("settings", "names", "[dt]");
    Files.write(graph, Arrays.copyOf(Files.readAllBytes(graph), 3000));
    assertThat(tacet("import", graph.toString()).err()).contains("net.nir", "cut short");
  }
}
