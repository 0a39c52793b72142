package io.tacet.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.optim.Schedule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecurrentSettingsTest {
  @Test
  void settingsReturnFromTheirText() throws JsonException {
    for (RecurrentTask task : RecurrentTask.all()) {
      for (String recipe : task.recipes()) {
        RecurrentSettings settings = task.settings(recipe);
        assertThat(RecurrentSettings.parse(Json.line(settings.toMap()))).isEqualTo(settings);
      }
    }
  }

  @Test
  void filesOfOlderVersionsHadThePublishedSettings() throws JsonException {
    RecurrentSettings settings = RecurrentTask.of("smnist").settings("paper");
    Map<String, Object> older = settings.toMap();
    older
        .keySet()
        .removeAll(
            List.of(
                "bidirectional", "variant", "cosineStart", "thresholdDraw", "traceDecay", "tape"));
    assertThat(RecurrentSettings.parse(Json.line(older))).isEqualTo(settings);
  }

  @Test
  void whatIsMissingOrUnknownIsRefused() {
    RecurrentSettings settings = RecurrentTask.of("smnist").settings("paper");
    Map<String, Object> damaged = settings.toMap();
    damaged.remove("rate");
    assertThatThrownBy(() -> RecurrentSettings.parse(Json.line(damaged)))
        .isInstanceOf(JsonException.class);
    assertThatThrownBy(() -> settings.with(Map.of("variant", "other")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("--variant", "cell", "paper", "'other'");
  }

  @Test
  void theRecipeOfWikiText2IsThePublishedOne() {
    RecurrentSettings paper = RecurrentTask.of("word-lm").settings("paper");
    assertThat(paper.toMap())
        .containsEntry("epochs", 800)
        .containsEntry("batch", 128)
        .containsEntry("bptt", 70)
        .containsEntry("hidden", List.of(1350, 1350, 750))
        .containsEntry("embedding", 750)
        .containsEntry("tied", true)
        .containsEntry("rate", 1e-3)
        .containsEntry("beta1", 0.0)
        .containsEntry("weightDecay", 0.12)
        .containsEntry("cosine", true)
        .containsEntry("cosineStart", 0.5)
        .containsEntry("clip", 0.1)
        .containsEntry("dropInput", 0.7)
        .containsEntry("dropWord", 0.1)
        .containsEntry("dropForward", 0.25)
        .containsEntry("dropOutput", 0.0)
        .containsEntry("dropConnect", 0.7)
        .containsEntry("gamma", 3.6)
        .containsEntry("sharpness", 3.6)
        .containsEntry("thresholdMean", 0.01)
        .containsEntry("trainThresholds", false);
  }

  @Test
  void theCosineBeginsWhereItIsAskedTo() {
    Schedule schedule = Schedule.constantThenCosine(0.5, 0.02);
    assertThat(schedule.factor(0, 800)).isEqualTo(1);
    assertThat(schedule.factor(400, 800)).isEqualTo(1);
    assertThat(schedule.factor(600, 800)).isBetween(0.50, 0.52);
    assertThat(schedule.factor(800, 800)).isBetween(0.02, 0.0200001);
    for (double epoch = 0; epoch <= 20; epoch += 0.7) {
      assertThat(Schedule.constantThenCosine(0, 0.1).factor(epoch, 20))
          .isEqualTo(Schedule.cosine(0.1).factor(epoch, 20));
    }
    assertThatThrownBy(() -> Schedule.constantThenCosine(1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("start", "[0, 1)", "1.0");
  }
}
