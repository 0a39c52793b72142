package io.tacet.data;

import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.TypedArray;
import io.tacet.fuzz.FileTarget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** Contents of small valid files, by format. */
final class Samples {
  private Samples() {}

  private static List<byte[]> and(List<byte[]> some, List<byte[]> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  private static List<byte[]> texts(String... texts) {
    return Arrays.stream(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static List<byte[]> resources(String folder, String... names) throws IOException {
    List<byte[]> all = new ArrayList<>();
    for (String name : names) {
      try (var in = Samples.class.getResourceAsStream(folder + name)) {
        all.add(in.readAllBytes());
      }
    }
    return all;
  }

  /** What somebody writes to a file. */
  private static byte[] written(Written file) throws IOException {
    Path path = Files.createTempFile("sample", "");
    try {
      file.to(path);
      return Files.readAllBytes(path);
    } finally {
      Files.delete(path);
    }
  }

  private interface Written {
    void to(Path file) throws IOException;
  }

  static List<byte[]> bs2() throws IOException {
    return and(
        List.of(new byte[] {1, 1, -128, 0, 10, 0, -16, 0, 0, 0, 2, 2, 0, 0, 20}),
        FileTarget.real("nmnist_small/1.bs2"));
  }

  static List<byte[]> aedat() throws IOException {
    long[][] events = {{127, 9, 1, 2_001_000}, {127, 8, 1, 2_003_000}, {0, 0, 0, 2_500_000}};
    return List.of(
        Aedat4Files.recording(Aedat4Files.NONE, true, events),
        Aedat4Files.recording(Aedat4Files.LZ4, true, events),
        Aedat4Files.recording(Aedat4Files.ZSTD, false, events),
        aedat3());
  }

  private static byte[] aedat3() {
    byte[] header = "#!AER-DAT3.1\r\n#!END-HEADER\r\n".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(header.length + 28 + 16).order(ByteOrder.LITTLE_ENDIAN);
    out.put(header).putShort((short) 1).putShort((short) 0).putInt(8).putInt(4).putInt(0);
    out.putInt(2).putInt(2).putInt(2);
    return out.putInt(3 << 17 | 3).putInt(10).putInt(5 << 17 | 1).putInt(20).array();
  }

  static List<byte[]> idx() throws IOException {
    byte[] plain = {0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 4};
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    }
    return and(
        List.of(plain, packed.toByteArray()), FileTarget.real("mnist/t10k-labels-idx1-ubyte.gz"));
  }

  static List<byte[]> npy() throws IOException {
    return resources(
        "/io/tacet/checkpoint/", "float32.npy", "fortran.npy", "big-endian.npy", "version3.npy");
  }

  static List<byte[]> npz() throws IOException {
    return resources("/io/tacet/checkpoint/", "types.npz", "compressed.npz");
  }

  static List<byte[]> npzSequences() throws IOException {
    Map<String, TypedArray> arrays =
        Map.of(
            "x", TypedArray.of(new float[] {1, 2, 3, 4}, 2, 2),
            "y", TypedArray.of(new int[] {0, 1}));
    return List.of(written(file -> Npz.write(file, NamedArrays.of(arrays))));
  }

  static List<byte[]> safetensors() throws IOException {
    byte[] header =
        ("{\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[8,10]},\"__metadata__\":{"
                + "\"format\":\"pt\"},\"a\":{\"dtype\":\"F16\",\"shape\":[2,2],"
                + "\"data_offsets\":[0,8]},\"e\":{\"dtype\":\"I64\",\"shape\":[0],"
                + "\"data_offsets\":[10,10]}}")
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(18 + header.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header);
    return List.of(
        bytes.array(),
        written(
            ModelFile.builder()
                    .metadata("config", "{\"epochs\":100}")
                    .floats("weights", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
                    .ints("targets", new int[] {0, 1, 2})
                    .build()
                ::write));
  }

  static List<byte[]> csvSequences() {
    return texts(
        "sample,step,l,r,label\n0,0,1,2,2\n0,1,3,4,2\n1,0,5,6,0\n1,1,\"7\",8,0\n",
        "x,y,label\n# remark\n1.5,2,0\n-3e-2,4,1\n");
  }

  static List<byte[]> spikes() {
    return texts("sample,label,time_ms,unit\n0,1,2.5,3\n1,0,1,0\n");
  }

  static List<byte[]> sampleList() {
    return texts("#sample #class\n1\t5\n2 0\n60000   9\n");
  }

  static List<byte[]> recordingTable() {
    return texts("file,label\nnone.bs2,0\nbelow/none.aedat4,9\n");
  }

  static List<byte[]> matrixMarket() throws IOException {
    return and(
        texts(
            "%%MatrixMarket matrix coordinate real general\n% remark\n3 4 2\n1 2 -0.5\n3 4 1e3\n",
            "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 3\n"),
        FileTarget.real("mtx/LFAT5.mtx", "mtx/karate.mtx"));
  }

  static List<byte[]> connectome() throws IOException {
    return and(
        texts(
            "pre,post,weight\na,b,1\nb,\"a\",2.5\n",
            "pre\tpost\ttype\tsynapses\na\tb\tx\t3\n",
            ",a,b\na,0,1\nb,-2,0\n"),
        FileTarget.real("celegans/aconnectome_white_1986_whole.csv"));
  }

  static List<byte[]> text() {
    return texts("the \u00fcnknown cat\n\u20ac\n");
  }

  static List<byte[]> hdf5() throws IOException {
    return resources("/io/tacet/data/", "spikes.h5", "spikes-float64.h5");
  }
}
