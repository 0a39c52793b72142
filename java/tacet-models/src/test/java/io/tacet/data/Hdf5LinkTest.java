package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.checksum.JenkinsLookup3HashLittle;
import io.jhdf.links.ExternalLink;
import io.tacet.files.FileFormatException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A link of an HDF5 file to another file is not followed. */
class Hdf5LinkTest {
  private static final SpikeLayout LAYOUT = new SpikeLayout(0, 0, 0);

  /**
   * What the link leads to: a version, a file, of as many characters as are needed, and a group.
   */
  private static final String TARGET = "\0./././././other.h5\0/spikes\0";

  @TempDir private Path folder;

  @Test
  void whatIsInAnotherFileIsNotRead() throws Exception {
    Path other = folder.resolve("other.h5");
    try (InputStream spikes = getClass().getResourceAsStream("spikes.h5")) {
      Files.copy(spikes, other);
    }
    assertThat(SpikeLists.hdf5(other, LAYOUT).size()).isPositive();
    Path file = folder.resolve("link.h5");
    try (HdfFile hdf = new HdfFile(other);
        WritableHdfFile copy = HdfFile.write(file)) {
      copy.putGroup("x".repeat(29));
      copy.putDataset("labels", hdf.getDatasetByPath("/labels").getData());
    }
    Files.write(file, linked(Files.readAllBytes(file)));
    try (HdfFile hdf = new HdfFile(file)) {
      assertThat(hdf.getChildren().get("spikes")).isInstanceOf(ExternalLink.class);
      assertThat(((ExternalLink) hdf.getChildren().get("spikes")).getTarget().getPath())
          .isEqualTo("/spikes/");
    }
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> SpikeLists.hdf5(file, LAYOUT))
        .withMessageContainingAll(file.toString(), "expected an array spikes/times", "spikes");
  }

  /** Makes the link to the group with the long name one to the other file, of as many bytes. */
  private static byte[] linked(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int header = text.indexOf("OHDR");
    int end = header;
    while (all.getInt(end) != checksum(bytes, header, end)) {
      end++;
    }
    // Version, that there are a kind and an encoding, the kind, UTF-8, length of the name.
    all.position(text.indexOf("x".repeat(29)) - 4).put(new byte[] {1, 0x18, 64, 1, 6});
    all.put("spikes".getBytes(StandardCharsets.UTF_8)).putShort((short) TARGET.length());
    all.put(TARGET.getBytes(StandardCharsets.UTF_8));
    return all.putInt(end, checksum(bytes, header, end)).array();
  }

  private static int checksum(byte[] bytes, int from, int to) {
    return JenkinsLookup3HashLittle.hash(Arrays.copyOfRange(bytes, from, to));
  }
}
