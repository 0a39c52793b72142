package io.tacet.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void valuesComeBackAsTheyWere() throws JsonException {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", "a \"b\" \u00fc\n");
    object.put("epochs", 100L);
    object.put("rate", 5e-3);
    object.put("sizes", List.of(5L, 200L, 3L));
    object.put("nested", Map.of("on", true));
    object.put("none", null);
    assertThat(Json.parseObject(Json.line(object))).isEqualTo(object);
    assertThat(Json.parseObject(Json.pretty(object))).isEqualTo(object);
  }

  @Test
  void aLineHasNoLineBreakAndKeepsTheOrderOfKeys() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("z", 1);
    object.put("a", 0.1f);
    object.put("mode", Thread.State.NEW);
    assertThat(Json.line(object)).isEqualTo("{\"z\":1,\"a\":0.1,\"mode\":\"NEW\"}");
  }

  @Test
  void numbersJsonCannotSayBecomeNull() {
    assertThat(Json.line(List.of(Double.NaN, Float.POSITIVE_INFINITY))).isEqualTo("[null,null]");
  }

  @Test
  void anUnknownTypeIsRefusedByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Json.line(new Object()))
        .withMessageContaining("java.lang.Object");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "{\"a\":1,\"a\":2}", "{} {}", "[1,]", "NaN", "// c\n1", "'a'", "{a:1}"})
  void textThatIsNotExactlyOneJsonValueIsRefused(String text) {
    assertThatExceptionOfType(JsonException.class).isThrownBy(() -> Json.parse(text));
  }

  @Test
  void anIntegerBeyond64BitsIsTheNearestDouble() throws JsonException {
    assertThat(Json.parse("[9223372036854775807, 9223372036854775808]"))
        .isEqualTo(List.of(Long.MAX_VALUE, 0x1p63));
  }

  @Test
  void deepNestingIsRefusedInsteadOfOverflowingTheStack() {
    assertThatExceptionOfType(JsonException.class)
        .isThrownBy(() -> Json.parse("[".repeat(1_000_000)));
  }

  @Test
  void somethingOtherThanAnObjectIsNamed() {
    assertThatExceptionOfType(JsonException.class)
        .isThrownBy(() -> Json.parseObject("[1]"))
        .withMessage("Expected a JSON object, found an array.");
  }
}
