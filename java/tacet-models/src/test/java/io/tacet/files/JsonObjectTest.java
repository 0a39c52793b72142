package io.tacet.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonObjectTest {
  private enum Mode {
    FAST,
    VERY_SLOW;

    @Override
    public String toString() {
      return this == FAST ? "fast" : "very-slow";
    }
  }

  private static final String TEXT =
      """
      {
        "epochs": 100, "seed": 9007199254740993, "huge": 3000000000, "rate": 5e-3, "beyond": 1e400,
        "trillion": 1e12, "name": "x", "on": true, "none": null, "mode": "VERY_slow",
        "sizes": [5, 200, 3], "taus": [20, 5.5], "names": ["a", "b"], "mixed": [1, "b", null],
        "layers": [{"units": 5}, {"units": "many", "cell": {"tau": false}}],
        "optimizer": {"rate": 1, "decya": 2}
      }
      """;

  private final JsonObject json = parse(TEXT);

  private static JsonObject parse(String text) {
    try {
      return JsonObject.of(text, "config.json");
    } catch (JsonException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void membersComeByTheirTypes() throws JsonException {
    assertThat(json.integer("epochs")).isEqualTo(100);
    assertThat(json.longInteger("seed")).isEqualTo(9007199254740993L);
    assertThat(json.longInteger("epochs")).isEqualTo(100);
    assertThat(json.real("rate")).isEqualTo(5e-3);
    assertThat(json.real("epochs")).isEqualTo(100);
    assertThat(json.text("name")).isEqualTo("x");
    assertThat(json.flag("on")).isTrue();
    assertThat(json.choice("mode", Mode.class)).isEqualTo(Mode.VERY_SLOW);
    assertThat(json.integers("sizes")).containsExactly(5, 200, 3);
    assertThat(json.reals("taus")).containsExactly(20, 5.5);
    assertThat(json.texts("names")).containsExactly("a", "b");
    assertThat(json.list("mixed")).containsExactly(1L, "b", null);
    assertThat(json.objects("layers")).hasSize(2);
    assertThat(json.objects("layers").get(0).integer("units")).isEqualTo(5);
    assertThat(json.object("optimizer").keys()).containsExactly("rate", "decya");
    assertThat(json.origin()).isEqualTo("config.json");
  }

  @Test
  void aMissingMemberAndNullGiveTheDefault() throws JsonException {
    for (String key : new String[] {"none", "absent"}) {
      assertThat(json.has(key)).isFalse();
      assertThat(json.integer(key, 7)).isEqualTo(7);
      assertThat(json.longInteger(key, 7)).isEqualTo(7);
      assertThat(json.real(key, 0.5)).isEqualTo(0.5);
      assertThat(json.text(key, null)).isNull();
      assertThat(json.flag(key, true)).isTrue();
      assertThat(json.choice(key, Mode.class, Mode.FAST)).isEqualTo(Mode.FAST);
    }
    assertThat(json.integer("epochs", 7)).isEqualTo(100);
    assertThat(json.keys()).contains("none");
  }

  @Test
  void aMemberOfAnotherTypeIsReportedWithItsPlaceAndBothTypes() {
    refused(
        () -> json.integer("huge"),
        "config.json: huge: expected an integer of 32 bits, found 3000000000");
    refused(
        () -> json.integer("trillion"),
        "config.json: trillion: expected an integer of 32 bits, found 1.0E12");
    refused(() -> json.longInteger("rate"), "config.json: rate: expected an integer, found 0.005");
    refused(() -> json.real("beyond"), "config.json: beyond: expected a number, found Infinity");
    refused(() -> json.real("name"), "config.json: name: expected a number, found \"x\"");
    refused(() -> json.text("on"), "config.json: on: expected a string, found true");
    refused(() -> json.flag("none"), "config.json: none: expected true or false, found null");
    refused(
        () -> json.integers("mixed"),
        "config.json: mixed[1]: expected an integer of 32 bits, found \"b\"");
    refused(() -> json.object("sizes"), "config.json: sizes: expected an object, found [5,200,3]");
    refused(
        () -> json.integer("epochs", 1, 50), "config.json: epochs: expected 1 to 50, found 100");
  }

  @Test
  void placesWithinArraysAndObjectsAreNamed() throws JsonException {
    JsonObject layer = json.objects("layers").get(1);
    refused(
        () -> layer.integer("units"),
        "config.json: layers[1].units: expected an integer of 32 bits, found \"many\"");
    refused(
        () -> layer.object("cell").real("tau"),
        "config.json: layers[1].cell.tau: expected a number, found false");
  }

  @Test
  void aMissingMemberIsReportedWithThoseThatAreThere() throws JsonException {
    JsonObject optimizer = json.object("optimizer");
    refused(
        () -> optimizer.real("decay"),
        "config.json: optimizer.decay: expected a number, found only the keys rate, decya");
    refused(
        () -> parse("{}").integer("units"),
        "config.json: units: expected an integer of 32 bits, found no keys at all");
  }

  @Test
  void anUnknownKeyIsRefusedWithTheNearestKnownOne() throws JsonException {
    JsonObject optimizer = json.object("optimizer");
    refused(
        () -> optimizer.only("rate", "decay"),
        "config.json: optimizer.decya: unknown key; known are rate, decay."
            + " Did you mean \"decay\"?");
    assertThat(optimizer.only("decya", "rate", "more")).isSameAs(optimizer);
  }

  @Test
  void anUnknownChoiceIsRefusedWithTheNearestOne() {
    refused(
        () -> parse("{\"mode\": \"fats\"}").choice("mode", Mode.class),
        "config.json: mode: expected one of fast, very-slow, found \"fats\"."
            + " Did you mean \"fast\"?");
  }

  @Test
  void aLongValueIsCutInMessages() {
    assertThatExceptionOfType(JsonException.class)
        .isThrownBy(() -> JsonObject.of(Map.of("a", "x".repeat(1000)), "here").integer("a"))
        .withMessageStartingWith("here: a: expected an integer of 32 bits, found \"xxx")
        .withMessageEndingWith("...")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
  }

  @Test
  void textThatIsNoObjectNamesItsOrigin() {
    refused(
        () -> JsonObject.of("[1]", "config.json"),
        "config.json: Expected a JSON object, found an array.");
  }

  @Test
  void aFileIsReadAsUtf8AndNamed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "\ufeff{\"name\": \"\u00fc\"}");
    assertThat(JsonObject.read(file).text("name")).isEqualTo("\u00fc");
    Files.write(file, new byte[] {'{', '\n', '"', (byte) 0xff, '"'});
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> JsonObject.read(file))
        .withMessage(
            file
                + ": expected text in UTF-8, found the byte 0xff in line 2, at offset 3."
                + " Save the file as UTF-8.");
  }

  private static void refused(ThrowingCallable reading, String message) {
    assertThatExceptionOfType(JsonException.class).isThrownBy(reading).withMessage(message);
  }
}
