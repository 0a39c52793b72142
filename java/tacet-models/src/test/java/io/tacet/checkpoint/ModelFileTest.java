package io.tacet.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("model.tacet");
  }

  /** Rewrites text of the same length in the header and corrects the header's check. */
  private void editHeader(String from, String to) throws IOException {
    ModelFiles.replaceInHeader(file, from, to);
  }

  @Test
  void everythingComesBackAsItWasWritten() throws IOException {
    ModelFile model = ModelFiles.sample();
    model.write(file);
    ModelFile read = ModelFile.read(file);
    ModelFiles.assertSame(read, model);
    assertThat(read.metadata("config")).isEqualTo("{\"epochs\":100}");
    assertThat(read.floats("hidden.weights", 2, 3)).isEqualTo(ModelFiles.FLOATS);
    assertThat(read.shape("hidden.weights")).isEqualTo(List.of(2, 3));
    assertThat(read.type("step")).isEqualTo(EntryType.INT64);
  }

  @Test
  void arraysLongerThanOneChunkComeBackAsTheyWere() throws IOException {
    int n = Format.CHUNK_BYTES / 4 * 2 + 5;
    float[] floats = new float[n];
    double[] doubles = new double[n];
    for (int i = 0; i < n; i++) {
      floats[i] = i * 0.5f;
      doubles[i] = -i * 0.25;
    }
    ModelFile.builder().floats("f", floats).doubles("d", doubles).build().write(file);
    ModelFile read = ModelFile.read(file);
    assertThat(read.floats("f")).isEqualTo(floats);
    assertThat(read.doubles("d")).isEqualTo(doubles);
  }

  @Test
  void anEmptyFileOfOursHasNoArraysAndNoMetadata() throws IOException {
    ModelFile.builder().build().write(file);
    assertThat(ModelFile.read(file).names()).isEmpty();
    assertThat(ModelFile.read(file).metadata()).isEmpty();
  }

  @Test
  void theLayoutIsThatOfSafetensors() throws IOException {
    ModelFile.builder()
        .bytes("b", new byte[] {7})
        .floats("w", new float[] {1.5f})
        .build()
        .write(file);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) bytes.getLong(0);
    assertThat(header % 8).isZero();
    String json = new String(bytes.array(), 8, header, StandardCharsets.UTF_8);
    assertThat(json)
        .startsWith("{\"__metadata__\":{\"tacet.crc32c\":\"")
        .contains("\"tacet.format\":\"1\"")
        .contains("\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}")
        .contains("\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[4,5]}");
    assertThat(bytes.getFloat(8 + header)).isEqualTo(1.5f);
    assertThat(bytes.get(8 + header + 4)).isEqualTo((byte) 7);
    assertThat(bytes.capacity()).isEqualTo(8 + header + 5);
  }

  @Test
  void aFileOfAnotherKindIsSaidToBeNone() throws IOException {
    Files.writeString(file, "x".repeat(100));
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> ModelFile.read(file))
        .withMessage(file + ": not a .tacet model. Give a file that Tacet wrote.");
    Files.writeString(file, "12345678{\"w\":{}}");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> ModelFile.read(file))
        .withMessageContaining("may be a safetensors file of another program");
    Files.writeString(file, "");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> ModelFile.read(file))
        .withMessageContaining("found a file of 0 bytes");
  }

  @Test
  void aMissingFileIsReportedAsSuch() {
    assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> ModelFile.read(file));
  }

  @Test
  void aFileOfANewerFormatAsksForANewerTacet() throws IOException {
    ModelFiles.sample().write(file);
    editHeader("\"tacet.format\":\"1\"", "\"tacet.format\":\"2\"");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> ModelFile.read(file))
        .withMessageContainingAll("format 2", "reads up to 1", "Update Tacet.");
  }

  @Test
  void aFileCutShortNamesTheArrayInWhichItEnds() throws IOException {
    ModelFiles.sample().write(file);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> ModelFile.read(file))
        .withMessageContainingAll("cut short in \"random\"", "found");
  }

  @Test
  void aDamagedArrayIsNamed() throws IOException {
    ModelFiles.sample().write(file);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 4;
    Files.write(file, bytes);
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> ModelFile.read(file))
        .withMessageContaining("\"random\" is damaged: its check does not match");
  }

  @Test
  void aHeaderThatContradictsItselfIsRefused() throws IOException {
    for (String[] edit :
        new String[][] {
          {"\"shape\":[2,3]", "\"shape\":[9,3]"},
          {"\"shape\":[2,3]", "\"shape\":[2.3]"},
          {"\"shape\":[2,3]", "\"shape\":[-23]"},
          {"\"dtype\":\"F32\"", "\"dtype\":\"F16\""},
          {"\"data_offsets\":[0,", "\"data_offsets\":[1,"},
          {"\"tacet.format\":\"1\"", "\"tacet.format\":\"x\""},
          {"\"tacet.crc32c/random\"", "\"tacet.crc32c/rAndom\""},
          {"{\"dtype\":\"F32\"", "0\"dtype\":\"F32\""},
        }) {
      ModelFiles.sample().write(file);
      editHeader(edit[0], edit[1]);
      assertThatExceptionOfType(ModelFormatException.class)
          .as(edit[1])
          .isThrownBy(() -> ModelFile.read(file))
          .withMessageContaining("the header is damaged");
    }
  }

  @Test
  void askingForWhatIsNotThereSaysWhatIs() {
    ModelFile model = ModelFiles.sample();
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> model.floats("output.weights"))
        .withMessageContainingAll("no array \"output.weights\"", "hidden.weights");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> model.floats("hidden.weights", 3, 2))
        .withMessageContaining(
            "expected \"hidden.weights\" to be FLOAT32 [3, 2], found FLOAT32 [2, 3]");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> model.ints("hidden.weights"))
        .withMessageContaining("to be INT32, found FLOAT32 [2, 3]");
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> model.metadata("seed"))
        .withMessageContaining("no metadata \"seed\"");
  }

  @Test
  void whatTheFormatCannotHoldIsRefusedByName() {
    ModelFileBuilder builder = ModelFile.builder().floats("w", new float[6], 2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.floats("w", new float[1]))
        .withMessage("name: \"w\" is there already; use another.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.floats("v", new float[5], 2, 3))
        .withMessage("shape: expected sizes whose product is the length 5 of \"v\", got [2, 3].");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.floats("v", new float[6], -2, -3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.floats("__metadata__", new float[1]));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.metadata("tacet.format", "9"));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.metadata("a", "\ud800"));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.floats("", new float[1]));
  }
}
