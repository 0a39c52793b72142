package io.tacet.data;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.tacet.checkpoint.Npy;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.Safetensors;
import io.tacet.files.FileFormatException;
import io.tacet.fuzz.FileTarget;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Readers of data sets get any bytes, see {@link FileTarget}: in every build the seeds and what was
 * once found, in {@code ReaderFuzzTestInputs}; by {@code ci/fuzz.sh} as many as are wanted.
 */
class ReaderFuzzTest {
  private static final FileTarget BS2 =
      FileTarget.of(file -> events(sink -> Bs2.read(file, 34, sink)), Samples::bs2);
  private static final FileTarget AEDAT =
      FileTarget.of(file -> events(sink -> Aedat.read(file, sink)), Samples::aedat);
  private static final FileTarget IDX = FileTarget.of(file -> Idx.read(file, 1), Samples::idx);
  private static final FileTarget NPY = FileTarget.of(Npy::read, Samples::npy);
  private static final FileTarget NPZ = FileTarget.of(Npz::read, Samples::npz);
  private static final FileTarget NPZ_SEQUENCES =
      FileTarget.of(NpzSequences::read, Samples::npzSequences);
  private static final FileTarget SAFETENSORS =
      FileTarget.of(Safetensors::read, Samples::safetensors);
  private static final FileTarget CSV_SEQUENCES =
      FileTarget.of(CsvSequences::read, Samples::csvSequences);
  private static final FileTarget SPIKE_TABLE =
      FileTarget.of(file -> SpikeLists.csv(file, file, new SpikeLayout(0, 0, 0)), Samples::spikes);
  private static final FileTarget SPIKES_ALONE =
      FileTarget.of(file -> SpikeLists.csv(file, new SpikeLayout(0, 0, 0)), Samples::spikes);
  private static final FileTarget SAMPLE_LIST =
      FileTarget.of(file -> SampleList.read(file, 10), Samples::sampleList);
  private static final FileTarget RECORDING_TABLE =
      FileTarget.of(ReaderFuzzTest::recordings, Samples::recordingTable);
  private static final FileTarget MATRIX_MARKET =
      FileTarget.of(MatrixMarket::read, Samples::matrixMarket);
  private static final FileTarget CONNECTOME = FileTarget.of(Connectome::read, Samples::connectome);
  private static final FileTarget CHARACTERS =
      FileTarget.of(file -> Text.characters(file, "Name another."), Samples::text);
  private static final FileTarget WORDS =
      FileTarget.of(file -> Text.words(file, null, "Name another."), Samples::text);
  private static final FileTarget HDF5 =
      FileTarget.of(file -> SpikeLists.hdf5(file, new SpikeLayout(0, 0, 0)), Samples::hdf5);

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

  /** Recordings beside the table, of which there are none. */
  private static Object recordings(Path table) throws IOException {
    try {
      return new Recordings(8, 8, 1).read(table.resolveSibling("none"), table, 10, 100);
    } catch (NoSuchFileException e) {
      return e;
    } catch (FileFormatException e) {
      if (e.file().equals(table)) {
        throw e;
      }
      return e; // names the recording, which is none by its name
    }
  }

  static Stream<byte[]> bs2() {
    return BS2.seeds();
  }

  @MethodSource
  @FuzzTest
  void bs2(byte[] bytes) {
    BS2.check(bytes);
  }

  static Stream<byte[]> aedat() {
    return AEDAT.seeds();
  }

  @MethodSource
  @FuzzTest
  void aedat(byte[] bytes) {
    AEDAT.check(bytes);
  }

  static Stream<byte[]> idx() {
    return IDX.seeds();
  }

  @MethodSource
  @FuzzTest
  void idx(byte[] bytes) {
    IDX.check(bytes);
  }

  static Stream<byte[]> npy() {
    return NPY.seeds();
  }

  @MethodSource
  @FuzzTest
  void npy(byte[] bytes) {
    NPY.check(bytes);
  }

  static Stream<byte[]> npz() {
    return NPZ.seeds();
  }

  @MethodSource
  @FuzzTest
  void npz(byte[] bytes) {
    NPZ.check(bytes);
  }

  static Stream<byte[]> npzSequences() {
    return NPZ_SEQUENCES.seeds();
  }

  @MethodSource
  @FuzzTest
  void npzSequences(byte[] bytes) {
    NPZ_SEQUENCES.check(bytes);
  }

  static Stream<byte[]> safetensors() {
    return SAFETENSORS.seeds();
  }

  @MethodSource
  @FuzzTest
  void safetensors(byte[] bytes) {
    SAFETENSORS.check(bytes);
  }

  static Stream<byte[]> csvSequences() {
    return CSV_SEQUENCES.seeds();
  }

  @MethodSource
  @FuzzTest
  void csvSequences(byte[] bytes) {
    CSV_SEQUENCES.check(bytes);
  }

  static Stream<byte[]> spikeTable() {
    return SPIKE_TABLE.seeds();
  }

  @MethodSource
  @FuzzTest
  void spikeTable(byte[] bytes) {
    SPIKE_TABLE.check(bytes);
  }

  static Stream<byte[]> spikesAlone() {
    return SPIKES_ALONE.seeds();
  }

  @MethodSource
  @FuzzTest
  void spikesAlone(byte[] bytes) {
    SPIKES_ALONE.check(bytes);
  }

  static Stream<byte[]> sampleList() {
    return SAMPLE_LIST.seeds();
  }

  @MethodSource
  @FuzzTest
  void sampleList(byte[] bytes) {
    SAMPLE_LIST.check(bytes);
  }

  static Stream<byte[]> recordingTable() {
    return RECORDING_TABLE.seeds();
  }

  @MethodSource
  @FuzzTest
  void recordingTable(byte[] bytes) {
    RECORDING_TABLE.check(bytes);
  }

  static Stream<byte[]> matrixMarket() {
    return MATRIX_MARKET.seeds();
  }

  @MethodSource
  @FuzzTest
  void matrixMarket(byte[] bytes) {
    MATRIX_MARKET.check(bytes);
  }

  static Stream<byte[]> connectome() {
    return CONNECTOME.seeds();
  }

  @MethodSource
  @FuzzTest
  void connectome(byte[] bytes) {
    CONNECTOME.check(bytes);
  }

  static Stream<byte[]> characters() {
    return CHARACTERS.seeds();
  }

  @MethodSource
  @FuzzTest
  void characters(byte[] bytes) {
    CHARACTERS.check(bytes);
  }

  static Stream<byte[]> words() {
    return WORDS.seeds();
  }

  @MethodSource
  @FuzzTest
  void words(byte[] bytes) {
    WORDS.check(bytes);
  }

  static Stream<byte[]> hdf5() {
    return HDF5.seeds();
  }

  @MethodSource
  @FuzzTest
  void hdf5(byte[] bytes) {
    HDF5.check(bytes);
  }
}
