package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.checkpoint.ModelFile;
import io.tacet.files.Json;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeedsTest {
  private static final String SMALL =
      "train yin-yang --backend java --hidden 12 --samples 96 --epochs 1 --json ";

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  void rangesAndListsAreRead() {
    assertThat(Seeds.parse("7")).containsExactly(7L);
    assertThat(Seeds.parse("0-3")).containsExactly(0L, 1L, 2L, 3L);
    assertThat(Seeds.parse("1,5-6,-2")).containsExactly(1L, 5L, 6L, -2L);
    assertThat(Seeds.parse("-3--1")).containsExactly(-3L, -2L, -1L);
    assertThat(Seeds.parse("0-999")).hasSize(1000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "1,",
        "3-1",
        "1-",
        "0-1000",
        "0-9223372036854775807",
        "9223372036854775808"
      })
  void otherTextIsRefused(String text) {
    assertThatThrownBy(() -> Seeds.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("--seeds", "0-4", "'" + text + "'");
  }

  @Test
  void eachSeedIsATrainingOfItsOwnAndTheirMeanIsTold() throws IOException {
    Shell.Result result = tacet((SMALL + "--seeds 3,8 --out " + folder).split(" ", -1));
    assertThat(result.status()).as(result.err()).isZero();
    Map<String, Object> line = Json.parseObject(result.lastLine());
    List<?> accuracies = (List<?>) line.get("testAccuracy");
    double first = ((Number) accuracies.get(0)).doubleValue();
    double second = ((Number) accuracies.get(1)).doubleValue();
    assertThat(((Number) line.get("mean")).doubleValue())
        .isCloseTo((first + second) / 2, within(1e-12));
    assertThat(((Number) line.get("deviation")).doubleValue())
        .isCloseTo(Math.abs(first - second) / Math.sqrt(2), within(1e-12));

    Path alone = folder.resolve("alone");
    Shell.Result one = tacet((SMALL + "--seed 8 --out " + alone).split(" ", -1));
    assertThat(one.status()).as(one.err()).isZero();
    assertThat(Json.parseObject(one.lastLine())).containsEntry("testAccuracy", second);
    ModelFile expected = ModelFile.read(alone.resolve("model.tacet"));
    ModelFile ours = ModelFile.read(folder.resolve("seed-8").resolve("model.tacet"));
    assertThat(ours.doubles("layer0.weights")).isEqualTo(expected.doubles("layer0.weights"));
  }

  @Test
  void ofOneSeedThereIsNoDeviation() throws IOException {
    String text = Seeds.summary("3", List.of(new Seeds.Result(0.5, 1)), false);
    assertThat(text).contains("50.00 %").doesNotContain("NaN");
    assertThat(Json.parseObject(Seeds.summary("3", List.of(new Seeds.Result(0.5, 1)), true)))
        .containsEntry("mean", 0.5)
        .doesNotContainKey("deviation");
  }

  @Test
  void oneSeedAndSeveralExcludeEachOther() {
    Shell.Result result = tacet((SMALL + "--seed 3 --seeds 0-1").split(" ", -1));
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).contains("--seeds", "--seed, got both");
  }

  @Test
  void replicasAreTheSeedsFromThatOfTheSettingsOn() throws IOException {
    Path replicas = folder.resolve("replicas");
    Shell.Result result = tacet((SMALL + "--seed 3 --replicas 2 --out " + replicas).split(" ", -1));
    assertThat(result.status()).as(result.err()).isZero();
    Map<String, Object> line = Json.parseObject(result.lastLine());
    assertThat(line).containsEntry("seeds", "3-4");
    Path seeds = folder.resolve("seeds");
    Shell.Result other = tacet((SMALL + "--seeds 3,4 --out " + seeds).split(" ", -1));
    Map<String, Object> expected = Json.parseObject(other.lastLine());
    assertThat(line).containsEntry("testAccuracy", expected.get("testAccuracy"));
    for (String seed : List.of("seed-3", "seed-4")) {
      assertThat(weights(replicas.resolve(seed))).isEqualTo(weights(seeds.resolve(seed)));
    }
  }

  private static double[] weights(Path folder) throws IOException {
    return ModelFile.read(folder.resolve("model.tacet")).doubles("layer0.weights");
  }

  @Test
  void replicasOutOfRangeOrBesideSeedsAreRefused() {
    Shell.Result both = tacet((SMALL + "--replicas 2 --seeds 0-1").split(" ", -1));
    assertThat(both.status()).isEqualTo(1);
    assertThat(both.err()).contains("--replicas", "--seeds, got both");
    Shell.Result none = tacet((SMALL + "--replicas -1").split(" ", -1));
    assertThat(none.status()).isEqualTo(1);
    assertThat(none.err()).contains("--replicas: expected 1 to 1000, got -1");
  }
}
