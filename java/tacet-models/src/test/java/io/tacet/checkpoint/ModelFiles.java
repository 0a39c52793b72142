package io.tacet.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A model of all types and the means to damage and compare model files. */
final class ModelFiles {
  static final float[] FLOATS = {1, -2.5f, Float.MIN_VALUE, -0f, Float.MAX_VALUE, 3e-3f};

  private ModelFiles() {}

  static ModelFile sample() {
    return ModelFile.builder()
        .metadata("config", "{\"epochs\":100}")
        .metadata("Größe", "\"\\\u0000\n")
        .floats("hidden.weights", FLOATS, 2, 3)
        .doubles("clock", new double[] {Math.PI, Double.MIN_VALUE})
        .ints("targets", new int[] {0, -1, Integer.MAX_VALUE})
        .longs("step", new long[] {Long.MIN_VALUE})
        .unsignedShorts("rows", new char[] {0, 65535, 256})
        .bytes("random", new byte[] {1, -1, 0, 127, -128})
        .floats("empty", new float[0], 0, 4)
        .build();
  }

  static void assertSame(ModelFile actual, ModelFile expected) throws IOException {
    assertThat(actual.metadata()).isEqualTo(expected.metadata());
    assertThat(actual.names()).isEqualTo(expected.names());
    for (String name : expected.names()) {
      EntryType type = expected.type(name);
      assertThat(actual.type(name)).isEqualTo(type);
      assertThat(actual.shape(name)).isEqualTo(expected.shape(name));
      switch (type) {
        case FLOAT64 -> assertThat(actual.doubles(name)).isEqualTo(expected.doubles(name));
        case INT64 -> assertThat(actual.longs(name)).isEqualTo(expected.longs(name));
        case FLOAT32 -> assertThat(actual.floats(name)).isEqualTo(expected.floats(name));
        case INT32 -> assertThat(actual.ints(name)).isEqualTo(expected.ints(name));
        case UINT16 ->
            assertThat(actual.unsignedShorts(name)).isEqualTo(expected.unsignedShorts(name));
        case BYTES -> assertThat(actual.bytes(name)).isEqualTo(expected.bytes(name));
        default -> throw new AssertionError("no " + type + " in the sample");
      }
    }
  }

  /** Makes the header's check fit its bytes again. */
  static void sealHeader(byte[] file) {
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    byte[] header = Arrays.copyOf(file, 8 + length);
    byte[] digits = Format.headerCrc(header).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, file, 8 + Format.MAGIC.length(), digits.length);
  }

  static void replaceInHeader(Path file, String from, String to) throws IOException {
    assertThat(to).hasSameSizeAs(from);
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.indexOf(from);
    assertThat(at).as("place of " + from).isPositive();
    System.arraycopy(to.getBytes(StandardCharsets.ISO_8859_1), 0, bytes, at, to.length());
    sealHeader(bytes);
    Files.write(file, bytes);
  }
}
