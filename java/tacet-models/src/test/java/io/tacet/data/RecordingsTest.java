package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of event-camera recordings. */
class RecordingsTest {
  private static final Recordings CAMERA = new Recordings(6, 5, 2);

  @TempDir private Path folder;

  /** A recording whose events are 1 ms apart, the first at {@code start}. */
  private void write(String name, int startMicros, int... pixels) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(5 * pixels.length / 2);
    for (int k = 0; k < pixels.length; k += 2) {
      int micros = startMicros + 500 * k;
      bytes.put((byte) pixels[k]).put((byte) pixels[k + 1]);
      bytes.put((byte) (micros >> 16 | 0x80)).putShort((short) micros);
    }
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes.array());
  }

  @Test
  void subfoldersAreClassesAndPixelsArePooled() throws IOException {
    write("b/2.bin", 3000, 5, 4, 0, 0);
    write("a/10.bs2", 0, 1, 1);
    write("a/1.bs2", 100, 3, 2, 3, 2, 2, 3);
    Files.writeString(folder.resolve("a").resolve(".hidden"), "not counted");
    assertThat(Recordings.classes(folder)).containsExactly("a", "b");
    assertThat(CAMERA.sources()).isEqualTo(2 * 3 * 3);
    SpikeDataset data = CAMERA.read(folder, List.of("a", "b"), 1.5);
    assertThat(data.labels()).containsExactly(0, 0, 1);
    assertThat(data.classes()).isEqualTo(2);
    assertThat(data.offsets()).containsExactly(0, 2, 3, 5);
    assertThat(data.times()).containsExactly(0, 1, 0, 0, 1);
    assertThat(data.eventSources()).containsExactly(13, 13, 9, 17, 9);
    assertThat(CAMERA.read(folder, List.of("b", "a"), 9).labels()).containsExactly(0, 1, 1);
  }

  @Test
  void aTableNamesRecordingsAndTheirClasses() throws IOException {
    write("x.bs2", 0, 1, 1);
    write("y.bs2", 0, 2, 2);
    Path labels = folder.resolve("labels.csv");
    Files.writeString(labels, "label,file\n2,y.bs2\n0,x.bs2\n");
    SpikeDataset data = CAMERA.read(folder, labels, 3, 10);
    assertThat(data.labels()).containsExactly(2, 0);
    assertThat(data.eventSources()).containsExactly(13, 9);
    Files.writeString(labels, "label,file\n3,y.bs2\n");
    assertThatThrownBy(() -> CAMERA.read(folder, labels, 3, 10))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("labels.csv", "line 2", "class", "3");
    Files.writeString(labels, "label,file\n");
    assertThatThrownBy(() -> CAMERA.read(folder, labels, 3, 10))
        .hasMessageContainingAll("labels.csv", "expected recordings, found none");
  }

  @Test
  void aTableNamesNoFilesOutsideTheFolder() throws IOException {
    write("x.bs2", 0, 1, 1);
    Path inside = Files.createDirectory(folder.resolve("inside"));
    Path labels = inside.resolve("labels.csv");
    for (String name : List.of("../x.bs2", folder.resolve("x.bs2").toString())) {
      Files.writeString(labels, "file,label\n" + name + ",0\n");
      assertThatThrownBy(() -> CAMERA.read(inside, labels, 3, 10))
          .isInstanceOf(FileFormatException.class)
          .hasMessageContainingAll(labels + ": line 2", "below it, found", name, "Move that file");
    }
  }

  @Test
  void recordingsInAedatAreReadByTheirExtension() throws IOException {
    Path aedat = folder.resolve("one").resolve("a.aedat4");
    Files.createDirectories(aedat.getParent());
    long[][] events = {{1, 1, 1, 70_000}, {5, 4, 0, 71_500}, {0, 0, 1, 69_000}};
    Files.write(aedat, Aedat4Files.recording(Aedat4Files.LZ4, true, events));
    SpikeDataset data = CAMERA.read(folder, List.of("one"), 10);
    assertThat(data.times()).containsExactly(0, 0, 1.5);
    assertThat(data.eventSources()).containsExactly(9, 9, 8);
    Files.move(aedat, aedat.resolveSibling("a.aedat"));
    assertThat(CAMERA.read(folder, List.of("one"), 10).times()).isEqualTo(data.times());
    Files.delete(aedat.resolveSibling("a.aedat"));
    Files.writeString(aedat, "no recording");
    assertThatThrownBy(() -> CAMERA.read(folder, List.of("one"), 10))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("a.aedat");
  }

  @Test
  void whatIsNoRecordingOrOutsideTheCameraIsNamed() throws IOException {
    write("a/1.bs2", 0, 5, 5);
    assertThatThrownBy(() -> CAMERA.read(folder, List.of("a"), 10))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("1.bs2", "6 x 5", "found 5, 5");
    assertThatThrownBy(() -> CAMERA.read(folder, List.of("c"), 10))
        .hasMessageContainingAll("subfolders named c", "found a");
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> Recordings.classes(none))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("none", "folder of recordings", "found nothing");
    assertThatThrownBy(() -> new Recordings(0, 5, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("width", "0");
  }
}
