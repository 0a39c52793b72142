package io.tacet.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SuggestionTest {
  private static final List<String> TASKS =
      List.of("yin-yang", "mnist", "smnist", "nmnist", "sequence", "char-lm", "gesture");

  @ParameterizedTest
  @CsvSource({
    "yinyang, yin-yang",
    "YinYang, yin-yang",
    "ying-yang, yin-yang",
    "yin, yin-yang",
    "mnits, mnist",
    "mnis, mnist",
    "squence, sequence",
    "charlm, char-lm",
    "gestures, gesture",
    "ges, gesture"
  })
  void aMisspeltNameGivesTheOneThatWasMeant(String wrong, String right) {
    assertThat(Suggestion.nearest(wrong, TASKS)).contains(right);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "shd", "imagenet", "something else altogether"})
  void aNameUnlikeAllGivesNone(String wrong) {
    assertThat(Suggestion.nearest(wrong, TASKS)).isEmpty();
    assertThat(Suggestion.sentence(wrong, TASKS)).isEmpty();
  }

  @Test
  void theSentenceFollowsAnother() {
    assertThat("Unknown task." + Suggestion.sentence("yinyang", TASKS))
        .isEqualTo("Unknown task. Did you mean \"yin-yang\"?");
  }
}
