package io.tacet.cli;

import static io.tacet.Close.assertClose;
import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.memory.Leaks;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks of other programs: tacet import and tacet export. */
class ExchangeTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static void failed(Shell.Result result, String... parts) {
    assertThat(result.status()).as(result.err()).isEqualTo(1);
    assertThat(result.err()).startsWith("tacet: ").contains(parts).doesNotContain("\tat ");
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private static double[][] scores(Path model) throws IOException {
    float[] x = new float[4 * 6 * 3];
    SplittableRandom random = new SplittableRandom(1);
    for (int k = 0; k < x.length; k++) {
      x[k] = (float) random.nextDouble(-2, 2);
    }
    try (Backend java = Backends.open("java");
        Network network = Network.load(java, model)) {
      return network.predict(ArraySequences.of("x", x, 6, 3, new int[4], 2)).scores();
    }
  }

  @Test
  void aNetworkGoesToOnnxAndBack() throws IOException {
    Path model = folder.resolve("model.tacet");
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java).sequence(3).egru(5, Egru.defaults()).readout(2).build(3)) {
      network.save(model);
    }
    Shell.Result exported = tacet("export", model.toString(), "--out", file("model.onnx"));
    assertThat(exported.status()).as(exported.err()).isZero();
    assertThat(exported.out()).contains("nodes in", "model.onnx");
    Shell.Result imported = tacet("import", file("model.onnx"), "--out", file("back.tacet"));
    assertThat(imported.status()).as(imported.err()).isZero();
    assertThat(imported.out()).contains("2 layers", "back.tacet");
    double[][] before = scores(model);
    double[][] after = scores(folder.resolve("back.tacet"));
    for (int i = 0; i < before.length; i++) {
      assertClose(after[i], before[i], 1e-5);
    }
    failed(tacet("import", file("model.onnx"), "--config", file("c.json")), "--config", "ONNX");
  }

  @Test
  void weightsAreReadIntoAStructure() throws IOException {
    Path model = folder.resolve("model.tacet");
    try (Backend java = Backends.open("java");
        Network network = Network.on(java).sequence(3).gru(5).readout(2).build(3)) {
      network.save(model);
      Files.writeString(folder.resolve("net.json"), network.spec().toJson());
    }
    assertThat(tacet("export", model.toString(), "--out", file("w.npz")).status()).isZero();
    Path back = folder.resolve("back.tacet");
    failed(tacet("import", file("w.npz"), "--out", back.toString()), "w.npz", "structure");
    Shell.Result imported =
        tacet("import", file("w.npz"), "--config", file("net.json"), "--out", back.toString());
    assertThat(imported.status()).as(imported.err()).isZero();
    assertThat(scores(back)).isDeepEqualTo(scores(model));
  }

  @Test
  void whatCannotBeReadIsRefusedInASentence() throws IOException {
    failed(tacet("import", file("none.onnx")), "no file", "none.onnx");
    failed(tacet("import", file("model.pt")), "FILE", ".onnx", ".npz", "model.pt");
    Files.writeString(folder.resolve("bad.onnx"), "not a model");
    failed(
        tacet("import", file("bad.onnx"), "--out", file("x.tacet")), "bad.onnx", "an ONNX model");
    Files.writeString(folder.resolve("net.json"), "{\"input\": 3}");
    Files.writeString(folder.resolve("w.npz"), "PK");
    failed(
        tacet("import", file("w.npz"), "--config", file("net.json"), "--out", file("x.tacet")),
        "net.json");
    assertThat(folder.resolve("x.tacet")).doesNotExist();
  }
}
