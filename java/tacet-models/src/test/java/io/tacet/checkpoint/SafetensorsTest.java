package io.tacet.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("model.safetensors");
  }

  /** A file of that header and {@code dataBytes} bytes 0, 1, 2, ... */
  private void write(byte[] header, int dataBytes) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header);
    for (int i = 0; i < dataBytes; i++) {
      bytes.put((byte) i);
    }
    Files.write(file, bytes.array());
  }

  private void write(String header, int dataBytes) throws IOException {
    write(header.getBytes(StandardCharsets.UTF_8), dataBytes);
  }

  private void refused(String problem) {
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> Safetensors.read(file))
        .withMessageStartingWith(file + ": ")
        .withMessageContaining(problem);
  }

  @Test
  void aFileOfAnotherProgramIsReadInTheOrderOfItsData() throws IOException {
    // As the reference implementation writes it: unpadded names, trailing spaces, any order.
    write(
        "{\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[8,10]},"
            + "\"__metadata__\":{\"format\":\"pt\"},"
            + "\"a\":{\"data_offsets\":[0,8],\"dtype\":\"I16\",\"shape\":[2,2]}}    ",
        10);
    NamedArrays arrays = Safetensors.read(file);
    assertThat(arrays.names()).containsExactly("a", "b");
    assertThat(arrays.metadata()).isEqualTo(Map.of("format", "pt"));
    assertThat((short[]) arrays.get("a", 2, 2).array())
        .containsExactly((short) 0x100, (short) 0x302, (short) 0x504, (short) 0x706);
    assertThat(arrays.integers("b", 0, 255)).containsExactly(8, 9);
    assertThat(arrays.origin()).isEqualTo(file);
  }

  /** Written by Python's safetensors: see arrays.py. */
  @Test
  void aFileOfTheReferenceImplementationIsRead() throws IOException {
    NamedArrays arrays = Safetensors.read(NpyTest.resource("reference.safetensors"));
    assertThat(arrays.metadata()).isEqualTo(Map.of("format", "np"));
    assertThat(arrays.get("a", 2, 3).type()).isEqualTo(EntryType.FLOAT16);
    assertThat(arrays.floats("a")).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(arrays.get("e").shape()).containsExactly(0);
    assertThat(arrays.get("s").shape()).isEmpty();
    assertThat(arrays.doubles("s")).containsExactly(3.5);
    assertThat(arrays.integers("b", 0, 1)).containsExactly(1, 0);
    assertThat(arrays.doubles("u")).containsExactly(0x1p64);
  }

  @Test
  void scalarsEmptyTensorsAndAFileWithoutAnyAreValid() throws IOException {
    write(
        "{\"e\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},"
            + "\"s\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]},"
            + "\"m\":{\"dtype\":\"F32\",\"shape\":[3,0,4294967296],\"data_offsets\":[8,8]}}",
        8);
    NamedArrays arrays = Safetensors.read(file);
    assertThat(arrays.get("e").shape()).containsExactly(0);
    assertThat(arrays.floats("e")).isEmpty();
    assertThat(arrays.get("s").shape()).isEmpty();
    assertThat(arrays.get("s").length()).isEqualTo(1);
    assertThat(arrays.get("m").length()).isZero();
    write("{}", 0);
    assertThat(Safetensors.read(file).names()).isEmpty();
  }

  @Test
  void halvesAndBrainFloatsHaveTheirValues() throws IOException {
    write(
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[2,4]}}",
        4);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort(bytes.length - 4, (short) 0x3e00)
        .putShort(bytes.length - 2, (short) 0xc049);
    Files.write(file, bytes);
    assertThat(Safetensors.read(file).floats("h")).containsExactly(1.5f);
    assertThat(Safetensors.read(file).floats("b")).containsExactly(-3.140625f);
  }

  @ParameterizedTest
  @EnumSource(EntryType.class)
  void everyTypeComesBackAsItWasWritten(EntryType type) throws IOException {
    Object array = type.allocate(6);
    ByteBuffer bytes = ByteBuffer.allocate(48);
    for (int i = 0; i < 48; i++) {
      bytes.put(i, (byte) (type == EntryType.BOOL ? i % 2 : 37 * i));
    }
    type.get(array, 0, 6, bytes);
    Map<String, TypedArray> arrays = new LinkedHashMap<>();
    arrays.put("w", new TypedArray(type, List.of(2, 3), array));
    Safetensors.write(file, NamedArrays.of(arrays).withMetadata(Map.of("format", "tacet")));
    NamedArrays read = Safetensors.read(file);
    assertThat(read.metadata()).isEqualTo(Map.of("format", "tacet"));
    assertThat(read.get("w", 2, 3)).usingRecursiveComparison().isEqualTo(arrays.get("w"));
    assertThat(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong())
        .matches(length -> length % 8 == 0);
  }

  @Test
  void modelFilesAreSafetensorsAndCanBeExported() throws IOException {
    ModelFiles.sample().write(file);
    NamedArrays arrays = Safetensors.read(file);
    assertThat(arrays.floats("hidden.weights", 2, 3)).isEqualTo(ModelFiles.FLOATS);
    assertThat(arrays.metadata()).containsEntry("config", "{\"epochs\":100}");
    Safetensors.write(file, ModelFile.read(file).arrays());
    assertThat(Safetensors.read(file).floats("hidden.weights")).isEqualTo(ModelFiles.FLOATS);
    assertThatExceptionOfType(ModelFormatException.class)
        .isThrownBy(() -> ModelFile.read(file))
        .withMessageContainingAll("not a .tacet model", "load its weights by name");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|not a safetensors file",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}|damaged",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}x|damaged",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}|cannot have the offsets",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,8]}}|cannot have the offsets",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}|cannot have the offsets",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}|cannot have the offsets",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}|list of sizes",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,8]}}|list of sizes",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}|list",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[99999,99999],\"data_offsets\":[0,8]}}|elements",
        "{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}}|unknown type F8_E4M3",
        "{\"w\":{\"dtype\":4,\"shape\":[8],\"data_offsets\":[0,8]}}|unknown type 4",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}|cut short in \"w\"",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}|expected 4 bytes of data",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}|leaves a gap",
        "{\"w\":7}|is not described by an object",
        "{\"__metadata__\":[]}|the metadata is not an object",
        "{\"__metadata__\":{\"a\":1}}|the metadata \"a\" is not text",
      })
  void headersThatContradictTheFileAreRefused(String header, String problem) throws IOException {
    write(header, 8);
    refused(problem);
  }

  @Test
  void aNameThatIsThereTwiceIsRefused() throws IOException {
    String w = "\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[";
    write("{" + w + "0,4]}," + w + "4,8]}}", 8);
    refused("uplicate");
  }

  @Test
  void arraysThatOverlapAreRefused() throws IOException {
    String form = "{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":";
    write("{\"a\":" + form + "[0,5]},\"b\":" + form + "[3,8]}}", 8);
    refused("\"b\" begins in the wrong place, at 3, which overlaps");
    write("{\"a\":" + form + "[0,5]},\"b\":" + form + "[0,5]}}", 5);
    refused("\"b\" begins in the wrong place, at 0, which overlaps");
  }

  @Test
  void aHeaderPaddedWithZerosIsRefusedInPlainWords() throws IOException {
    write("{}\0\0\0\0\0\0", 0);
    refused("padded with zero bytes");
  }

  @Test
  void aHeaderThatIsNotUtf8IsRefused() throws IOException {
    write(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}, 0);
    refused("not UTF-8");
  }

  @Test
  void lengthsOfTheHeaderBeyondTheFileOrTheFormatAreRefused() throws IOException {
    for (long length : new long[] {-1, 0, 1, 3, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE}) {
      Files.write(
          file,
          ByteBuffer.allocate(10)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(length)
              .put((byte) '{')
              .put((byte) '}')
              .array());
      refused("header");
    }
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length <= 8; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      refused("found " + length + " bytes in all");
    }
  }

  @Test
  void theNameOfTheMetadataIsNoNameForAnArray() {
    Map<String, TypedArray> arrays = Map.of("__metadata__", TypedArray.of(new float[1]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.write(file, NamedArrays.of(arrays)));
  }

  @Test
  void anArrayThatDoesNotFitItsTypeOrShapeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TypedArray(EntryType.FLOAT32, List.of(2), new double[2]));
    assertThatIllegalArgumentException().isThrownBy(() -> TypedArray.of(new float[5], 2, 3));
  }
}
