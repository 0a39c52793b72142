package io.tacet.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that NumPy wrote, by the script arrays.py beside them, and files for it. */
class NpyTest {
  @TempDir Path folder;

  static Path resource(String name) {
    try {
      return Path.of(NpyTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static void refused(Path file, String... parts) {
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Npy.read(file))
        .withMessageStartingWith(file + ": ")
        .withMessageContainingAll(parts);
  }

  @Test
  void floatsComeInRowMajorOrder() throws IOException {
    TypedArray array = Npy.read(resource("float32.npy"));
    assertThat(array.type()).isEqualTo(EntryType.FLOAT32);
    assertThat(array.shape()).containsExactly(2, 3);
    assertThat(array.floats()).containsExactly(0, 0.5f, 1, 1.5f, 2, 2.5f);
  }

  @Test
  void fortranOrderBecomesRowMajor() throws IOException {
    TypedArray array = Npy.read(resource("fortran.npy"));
    assertThat(array.shape()).containsExactly(2, 3, 4);
    short[] expected = new short[24];
    for (short i = 0; i < 24; i++) {
      expected[i] = i;
    }
    assertThat((short[]) array.array()).isEqualTo(expected);
  }

  @Test
  void bigEndianNumbersAreTurned() throws IOException {
    assertThat(Npy.read(resource("big-endian.npy")).doubles())
        .containsExactly(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5);
  }

  @Test
  void scalarsAndEmptyArraysKeepTheirShape() throws IOException {
    assertThat(Npy.read(resource("scalar.npy")).shape()).isEmpty();
    assertThat(Npy.read(resource("scalar.npy")).doubles()).containsExactly(2.5);
    assertThat(Npy.read(resource("empty.npy")).shape()).containsExactly(0, 3);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void laterVersionsOfTheFormatAreRead(int version) throws IOException {
    TypedArray array = Npy.read(resource("version" + version + ".npy"));
    assertThat(array.type()).isEqualTo(EntryType.UINT32);
    assertThat((int[]) array.array()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void objectsTextAndStructuresAreRefusedWithWhatToDo() {
    refused(resource("objects.npy"), "Python objects", "allow_pickle=False");
    refused(resource("text.npy"), "\"<U2\"", "astype(numpy.float32)");
    refused(resource("structure.npy"), "structures of several fields");
  }

  @Test
  void everyTypeOfNumPyHasItsValues() throws IOException {
    NamedArrays arrays = Npz.read(resource("types.npz"));
    assertThat(arrays.names())
        .containsExactly("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1");
    assertThat(arrays.doubles("f2"))
        .containsExactly(1, -2.5, 65504, 0x1p-24, -0.0, Double.POSITIVE_INFINITY, Double.NaN);
    assertThat(arrays.doubles("f4")).containsExactly(1.5, -3e38f);
    assertThat(arrays.doubles("f8")).containsExactly(Math.PI, Double.MIN_VALUE);
    assertThat(arrays.doubles("i1")).containsExactly(-128, 127);
    assertThat(arrays.doubles("i2")).containsExactly(-32768, 32767);
    assertThat(arrays.integers("i4", Integer.MIN_VALUE, Integer.MAX_VALUE))
        .containsExactly(Integer.MIN_VALUE, Integer.MAX_VALUE);
    assertThat(arrays.get("i8").integer(1)).isEqualTo(Long.MAX_VALUE);
    assertThat(arrays.integers("u1", 0, 255)).containsExactly(0, 255);
    assertThat(arrays.integers("u2", 0, 65535)).containsExactly(0, 65535);
    assertThat(arrays.doubles("u4")).containsExactly(0, 4294967295.0);
    assertThat(arrays.doubles("u8")).containsExactly(0, 0x1p64);
    assertThat(arrays.integers("b1", 0, 1)).containsExactly(1, 0);
  }

  @Test
  void integersOutOfRangeAreNamedWithTheirIndex() throws IOException {
    NamedArrays arrays = Npz.read(resource("types.npz"));
    for (String name : new String[] {"i4", "i8", "u4", "u8", "i1"}) {
      assertThatExceptionOfType(FileFormatException.class)
          .isThrownBy(() -> arrays.integers(name, 0, 100))
          .withMessageContainingAll("types.npz", "\"" + name + "\"", "from 0 to 100", "at index");
    }
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> arrays.integers("f4", 0, 100))
        .withMessageContaining("expected \"f4\" to have integers, found FLOAT32");
  }

  @Test
  void namesAndShapesThatAreNotThereAreAnsweredWithThoseThatAre() throws IOException {
    NamedArrays arrays = Npz.read(resource("compressed.npz"));
    assertThat(arrays.floats("x", 100, 20)).hasSize(2000).containsOnly(0);
    assertThat(arrays.integers("y", 0, 2)).startsWith(0, 1, 2, 0);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> arrays.get("X"))
        .withMessageContainingAll("no array \"X\"; there is [x, y]", "Did you mean \"x\"?");
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> arrays.get("x", 20, 100))
        .withMessageContaining("expected \"x\" to have the shape [20, 100], found [100, 20]");
  }

  @Test
  void everyTypeComesBackFromWhatIsWritten() throws IOException {
    NamedArrays arrays = Npz.read(resource("types.npz"));
    Path file = folder.resolve("again.npz");
    Npz.write(file, arrays);
    NamedArrays again = Npz.read(file);
    assertThat(again.names()).isEqualTo(arrays.names());
    for (String name : arrays.names()) {
      assertThat(again.get(name)).usingRecursiveComparison().isEqualTo(arrays.get(name));
      Path single = folder.resolve("single.npy");
      Npy.write(single, arrays.get(name));
      assertThat(Npy.read(single)).usingRecursiveComparison().isEqualTo(arrays.get(name));
      assertThat(Files.readAllBytes(single)[0]).isEqualTo((byte) 0x93);
      assertThat((Files.size(single) - arrays.get(name).byteLength()) % 64).isZero();
    }
  }

  @Test
  void whatNumPyWroteIsWrittenByteForByteAlike() throws IOException {
    for (String name : new String[] {"float32.npy", "scalar.npy", "empty.npy"}) {
      Path file = folder.resolve(name);
      Npy.write(file, Npy.read(resource(name)));
      assertThat(file).hasSameBinaryContentAs(resource(name));
    }
  }

  @Test
  void namedArraysOfEveryFormatAreToldApartByContent() throws IOException {
    assertThat(NamedArrays.read(resource("compressed.npz")).names()).containsExactly("x", "y");
    assertThat(NamedArrays.read(resource("reference.safetensors")).names())
        .containsExactly("u", "e", "s", "a", "b");
    for (String text : new String[] {"", "P", "no arrays", "12345678"}) {
      Path file = Files.writeString(folder.resolve("other"), text);
      assertThatExceptionOfType(FileFormatException.class)
          .isThrownBy(() -> NamedArrays.read(file))
          .withMessageStartingWith(file + ": expected named arrays in a .safetensors, .tacet or");
    }
    Path single = resource("float32.npy");
    assertThatExceptionOfType(FileFormatException.class).isThrownBy(() -> NamedArrays.read(single));
  }

  @Test
  void bfloat16IsWrittenInSinglePrecision() throws IOException {
    Path file = folder.resolve("bf.npy");
    Npy.write(file, new TypedArray(EntryType.BFLOAT16, List.of(2), new char[] {0x3fc0, 0xc000}));
    assertThat((float[]) Npy.read(file).array()).containsExactly(1.5f, -2);
  }

  @Test
  void equalArraysGiveEqualFiles() throws IOException {
    Map<String, TypedArray> arrays = new LinkedHashMap<>();
    arrays.put("hidden.weights", TypedArray.of(new float[] {1, 2}, 2, 1));
    Path one = folder.resolve("1.npz");
    Path two = folder.resolve("2.npz");
    Npz.write(one, NamedArrays.of(arrays));
    Npz.write(two, NamedArrays.of(arrays));
    assertThat(one).hasSameBinaryContentAs(two);
    assertThat(Npz.read(one).get("hidden.weights").shape()).containsExactly(2, 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      value = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (5,), } => expected 20 bytes of data",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } => expected 12 bytes of data",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999, 99999), } => more elements",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999999,), } => sizes",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), } => the shape",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4,,), } => sizes",
        "{'descr': '<f4', 'fortran_order': False} => the shape",
        "{'descr': '<f4', 'shape': (4,), } => the order of the elements",
        "{'fortran_order': False, 'shape': (4,), } => the type of the elements",
        "{'descr': 'f4', 'fortran_order': False, 'shape': (4,), } => the type \"f4\"",
        "{'descr': '<c8', 'fortran_order': False, 'shape': (2,), } => the type \"<c8\"",
        "{'descr': '<M8[s]', 'fortran_order': False, 'shape': (2,), } => the type \"<M8[s]\"",
        "{'descr': '|O', 'fortran_order': False, 'shape': (2,), } => Python objects",
      })
  void headersThatContradictTheFileAreRefused(String header, String problem) throws IOException {
    refused(write(header), problem);
  }

  @Test
  void oddButValidHeadersAreRead() throws IOException {
    for (String header :
        new String[] {
          "{'shape':(4,),'descr':'<f4','fortran_order':False}",
          "{'descr': '<f4', 'fortran_order': True, 'shape': (2L, 2L)}",
          "{ 'descr' : '<f4' , 'fortran_order' : False , 'shape' : ( 4 , ) }"
        }) {
      assertThat(Npy.read(write(header)).length()).isEqualTo(4);
    }
  }

  private Path write(String header) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = new byte[10 + text.length + 16];
    byte[] start = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0};
    System.arraycopy(start, 0, bytes, 0, start.length);
    System.arraycopy(text, 0, bytes, start.length, text.length);
    return Files.write(folder.resolve("array.npy"), bytes);
  }

  @Test
  void filesCutShortAnywhereAreRefused() throws IOException {
    for (String name : new String[] {"float32.npy", "types.npz", "compressed.npz"}) {
      byte[] whole = Files.readAllBytes(resource(name));
      Path file = folder.resolve("cut-" + name);
      for (int length = 0; length < whole.length; length += 1 + whole.length / 400) {
        Files.write(file, Arrays.copyOf(whole, length));
        assertThatExceptionOfType(FileFormatException.class)
            .as("%s of %d bytes", name, length)
            .isThrownBy(() -> read(file))
            .withMessageStartingWith(file + ": ");
      }
    }
  }

  private static Object read(Path file) throws IOException {
    return file.toString().endsWith(".npz") ? Npz.read(file) : Npy.read(file);
  }

  @Test
  void damagedDataInAnArchiveIsNoticed() throws IOException {
    byte[] bytes = Files.readAllBytes(resource("types.npz"));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[text.indexOf("NUMPY") + 124]++;
    Path file = Files.write(folder.resolve("damaged.npz"), bytes);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Npz.read(file))
        .withMessageContaining("\"f2\" is damaged: its check does not match");
  }

  @Test
  void aMissingFileIsReportedAsSuch() {
    Path file = folder.resolve("none.npz");
    assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> Npz.read(file));
    assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> Npy.read(file));
  }
}
