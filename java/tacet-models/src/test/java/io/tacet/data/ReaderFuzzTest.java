package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.Npy;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.Safetensors;
import io.tacet.files.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Valid files with random damage: a reader reads them or throws an {@link IOException} that names
 * the file, and takes little memory. By default a few files of each format; {@code
 * -Dtacet.fuzz.seconds=30 -Dtacet.fuzz.seed=7} goes on for so long with each.
 */
class ReaderFuzzTest {
  private static final double SECONDS = Double.parseDouble(property("tacet.fuzz.seconds", "0"));
  private static final long SEED = Long.parseLong(property("tacet.fuzz.seed", "1"));
  private static final int LEAST_ROUNDS = 60;
  private static final long MOST_BYTES = 48L << 20;
  private static final byte[] INTERESTING = {0, 1, -1, 127, -128, '"', ',', '\n', '{', '9', '-'};

  @TempDir Path folder;

  private static String property(String name, String otherwise) {
    String value = System.getProperty(name, "");
    return value.isBlank() ? otherwise : value;
  }

  /** Reads a file. */
  @FunctionalInterface
  private interface Reader {
    Object read(Path file) throws IOException;
  }

  /** A format: its reader, and the bytes of valid files. */
  enum Format {
    BS2(file -> events(sink -> Bs2.read(file, 34, sink))) {
      @Override
      List<byte[]> samples() {
        return List.of(new byte[] {1, 1, -128, 0, 10, 0, -16, 0, 0, 0, 2, 2, 0, 0, 20});
      }
    },
    AEDAT(file -> events(sink -> Aedat.read(file, sink))) {
      @Override
      List<byte[]> samples() throws IOException {
        long[][] events = {{127, 9, 1, 2_001_000}, {127, 8, 1, 2_003_000}, {0, 0, 0, 2_500_000}};
        return List.of(
            Aedat4Files.recording(Aedat4Files.NONE, true, events),
            Aedat4Files.recording(Aedat4Files.LZ4, true, events),
            Aedat4Files.recording(Aedat4Files.ZSTD, false, events),
            aedat3());
      }
    },
    IDX(file -> Idx.read(file, 1)) {
      @Override
      List<byte[]> samples() throws IOException {
        byte[] plain = {0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 4};
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
          out.write(plain);
        }
        return List.of(plain, packed.toByteArray());
      }
    },
    NPY(Npy::read) {
      @Override
      List<byte[]> samples() throws IOException {
        return resources(
            "/io/tacet/checkpoint/",
            "float32.npy",
            "fortran.npy",
            "big-endian.npy",
            "version3.npy");
      }
    },
    NPZ(Npz::read) {
      @Override
      List<byte[]> samples() throws IOException {
        return resources("/io/tacet/checkpoint/", "types.npz", "compressed.npz");
      }
    },
    SAFETENSORS(Safetensors::read) {
      @Override
      List<byte[]> samples() throws IOException {
        byte[] header =
            ("{\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[8,10]},\"__metadata__\":{"
                    + "\"format\":\"pt\"},\"a\":{\"dtype\":\"F16\",\"shape\":[2,2],"
                    + "\"data_offsets\":[0,8]},\"e\":{\"dtype\":\"I64\",\"shape\":[0],"
                    + "\"data_offsets\":[10,10]}}")
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(18 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header);
        return List.of(bytes.array(), model());
      }
    },
    TACET(ModelFile::read) {
      @Override
      List<byte[]> samples() throws IOException {
        return List.of(model());
      }
    },
    JSON(JsonObject::read) {
      @Override
      List<byte[]> samples() {
        return texts("{\"a\": [1, 2.5, {\"b\": null}], \"c\": \"\\u00fc\", \"d\": true}");
      }
    },
    CSV_SEQUENCES(CsvSequences::read) {
      @Override
      List<byte[]> samples() {
        return texts(
            "sample,step,l,r,label\n0,0,1,2,2\n0,1,3,4,2\n1,0,5,6,0\n1,1,\"7\",8,0\n",
            "x,y,label\n# remark\n1.5,2,0\n-3e-2,4,1\n");
      }
    },
    SPIKES(file -> SpikeLists.csv(file, file, new SpikeLayout(0, 0, 0))) {
      @Override
      List<byte[]> samples() {
        return texts("sample,label,time_ms,unit\n0,1,2.5,3\n1,0,1,0\n");
      }
    },
    SAMPLE_LIST(file -> SampleList.read(file, 10)) {
      @Override
      List<byte[]> samples() {
        return texts("#sample #class\n1\t5\n2 0\n60000   9\n");
      }
    },
    MATRIX_MARKET(MatrixMarket::read) {
      @Override
      List<byte[]> samples() {
        return texts(
            "%%MatrixMarket matrix coordinate real general\n% remark\n3 4 2\n1 2 -0.5\n3 4 1e3\n",
            "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 3\n");
      }
    },
    CONNECTOME(Connectome::read) {
      @Override
      List<byte[]> samples() {
        return texts(
            "pre,post,weight\na,b,1\nb,\"a\",2.5\n",
            "pre\tpost\ttype\tsynapses\na\tb\tx\t3\n",
            ",a,b\na,0,1\nb,-2,0\n");
      }
    },
    TEXT(file -> List.of(Text.characters(file, ""), Text.words(file, null, ""))) {
      @Override
      List<byte[]> samples() {
        return texts("the \u00fcnknown cat\n\u20ac\n");
      }
    },
    HDF5(file -> SpikeLists.hdf5(file, new SpikeLayout(0, 0, 0))) {
      @Override
      List<byte[]> samples() throws IOException {
        return resources("/io/tacet/data/", "spikes.h5", "spikes-float64.h5");
      }
    };

    @SuppressWarnings("ImmutableEnumChecker") // readers are functions without state
    private final Reader reader;

    Format(Reader reader) {
      this.reader = reader;
    }

    abstract List<byte[]> samples() throws IOException;
  }

  /** Reads events into a sink. */
  @FunctionalInterface
  private interface EventReader {
    void read(EventSink sink) throws IOException;
  }

  private static Object events(EventReader reader) throws IOException {
    int[] count = {0};
    reader.read((micros, x, y, on) -> count[0]++);
    return count;
  }

  private static List<byte[]> texts(String... texts) {
    return Arrays.stream(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static List<byte[]> resources(String folder, String... names) throws IOException {
    byte[][] all = new byte[names.length][];
    for (int i = 0; i < names.length; i++) {
      try (var in = ReaderFuzzTest.class.getResourceAsStream(folder + names[i])) {
        all[i] = in.readAllBytes();
      }
    }
    return List.of(all);
  }

  private static byte[] aedat3() {
    byte[] header = "#!AER-DAT3.1\r\n#!END-HEADER\r\n".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(header.length + 28 + 16).order(ByteOrder.LITTLE_ENDIAN);
    out.put(header).putShort((short) 1).putShort((short) 0).putInt(8).putInt(4).putInt(0);
    out.putInt(2).putInt(2).putInt(2);
    return out.putInt(3 << 17 | 3).putInt(10).putInt(5 << 17 | 1).putInt(20).array();
  }

  private static byte[] model() throws IOException {
    Path file = Files.createTempFile("model", ".tacet");
    try {
      ModelFile.builder()
          .metadata("config", "{\"epochs\":100}")
          .floats("weights", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
          .ints("targets", new int[] {0, 1, 2})
          .build()
          .write(file);
      return Files.readAllBytes(file);
    } finally {
      Files.delete(file);
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void validFilesAreRead(Format format) throws IOException {
    for (byte[] sample : format.samples()) {
      assertThat(format.reader.read(Files.write(folder.resolve("valid"), sample))).isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void damagedFilesAreReadOrRefusedByName(Format format) throws IOException {
    List<byte[]> samples = format.samples();
    Path file = folder.resolve("damaged");
    long start = System.nanoTime();
    for (int round = 0;
        round < LEAST_ROUNDS || System.nanoTime() - start < SECONDS * 1e9;
        round++) {
      SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + round);
      byte[] sample = samples.get(round % samples.size());
      Files.write(file, damaged(sample, random));
      try {
        readWithin(format, file);
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            format + ", round " + round + ", seed " + SEED + ": " + describe(file), e);
      }
    }
  }

  private static String describe(Path file) {
    try {
      return Files.size(file) + " bytes " + Arrays.toString(Files.readAllBytes(file));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void readWithin(Format format, Path file) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      format.reader.read(file);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining(file.toString());
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_BYTES);
  }

  private static byte[] damaged(byte[] sample, SplittableRandom random) {
    byte[] bytes = sample.clone();
    for (int change = random.nextInt(1, 5); change > 0 && bytes.length > 0; change--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = INTERESTING[random.nextInt(INTERESTING.length)];
        case 3 -> bytes = Arrays.copyOf(bytes, at);
        case 4 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(1, 9));
        case 5 -> copyWithin(bytes, at, random);
        default -> fill(bytes, at, random);
      }
    }
    return bytes;
  }

  private static void copyWithin(byte[] bytes, int to, SplittableRandom random) {
    int from = random.nextInt(bytes.length);
    int length = Math.min(random.nextInt(1, 17), bytes.length - Math.max(from, to));
    System.arraycopy(bytes, from, bytes, to, length);
  }

  /** A number of up to 8 bytes that is all zeros, all ones or the like. */
  private static void fill(byte[] bytes, int at, SplittableRandom random) {
    int end = Math.min(bytes.length, at + (1 << random.nextInt(4)));
    Arrays.fill(bytes, at, end, INTERESTING[random.nextInt(5)]);
  }
}
