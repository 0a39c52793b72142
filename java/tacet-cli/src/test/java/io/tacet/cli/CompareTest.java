package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.files.Json;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tacet compare} and the completion of shells. */
class CompareTest {
  @TempDir private Path folder;

  private String run(String name, String set, String... rows) throws IOException {
    Path run = Files.createDirectories(folder.resolve(name));
    Files.writeString(
        run.resolve("config.json"), "{\"task\": \"smnist\", \"seed\": 3, \"epochs\": 9}");
    Files.writeString(
        run.resolve("metrics.csv"),
        "epoch,trainLoss,trainAccuracy,SETLoss,SETAccuracy,activity,rateFactor,seconds\n"
                .replace("SET", set)
            + String.join("\n", rows)
            + "\n");
    return run.toString();
  }

  private static void failed(Shell.Result result, String... parts) {
    assertThat(result.status()).as(result.out()).isEqualTo(1);
    assertThat(result.err()).startsWith("tacet: ").contains(parts).doesNotContain("\tat ");
  }

  @Test
  void aTableAndAPictureCompareRunsOfDifferentLengths() throws IOException {
    String first = run("a", "test", "1,0.9,0.5,0.8,0.6,3.5,1,1.5", "2,0.7,0.6,0.9,0.55,3,1,3");
    String second = run("b", "validation", "1,NaN,0.5,0.7,0.75,0.25,1,12");
    String picture = folder.resolve("both.png").toString();
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      Shell.Result result = tacet("compare", first, second, "--out", picture);
      assertThat(result.status()).as(result.err()).isZero();
      assertThat(result.out())
          .containsPattern("/a +smnist +3 +2 +test +55\\.00 +60\\.00 +0\\.9000 +0\\.7000 +3\\.000")
          .containsPattern("/b +smnist +3 +1 +validation +75\\.00 +75\\.00 +0\\.7000 +NaN");
    } finally {
      Locale.setDefault(before);
    }
    BufferedImage image = ImageIO.read(Path.of(picture).toFile());
    assertThat(image.getWidth()).isGreaterThan(800);
    Shell.Result json = tacet("compare", first, first, "--out", picture, "--json");
    Map<String, Object> line = Json.parseObject(json.lastLine());
    assertThat(line).containsEntry("best", 0.6).containsEntry("epochs", 2L);
    assertThat(json.out().lines()).hasSize(2);
  }

  @Test
  void whatIsNoRunIsNamed() throws IOException {
    String good = run("a", "test", "1,0.9,0.5,0.8,0.6,3.5,1,1.5");
    String out = folder.resolve("x.png").toString();
    failed(tacet("compare", good, folder + "/none", "--out", out), "none", "output folder");
    failed(tacet("compare", run("b", "test"), "--out", out), "metrics.csv", "no epoch");
    failed(
        tacet("compare", run("b", "test", "1,0.9,0.5"), "--out", out),
        "metrics.csv",
        "line 2",
        "8");
    failed(
        tacet("compare", run("b", "test", "1,0.9,0.5,0.8,x,3.5,1,1.5"), "--out", out),
        "metrics.csv",
        "line 2",
        "x");
    Files.delete(Path.of(good, "config.json"));
    failed(tacet("compare", good, "--out", out), "no file", "config.json");
    assertThat(Path.of(out)).doesNotExist();
    assertThat(tacet("compare").status()).isEqualTo(2);
  }

  @Test
  void aShellCompletesCommandsTasksAndTheirOptions() {
    Shell.Result result = tacet("generate-completion");
    assertThat(result.status()).isZero();
    assertThat(result.out())
        .startsWith("#!/usr/bin/env bash")
        .contains("complete -F _complete_tacet", "yin-yang")
        .contains("predict", "--threshold-mean");
  }
}
