package io.tacet.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardWriterTest {
  @TempDir Path folder;

  private static int masked(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    long value = crc.getValue();
    return (int) (((value >>> 15) | (value << 17)) + 0xa282ead8L);
  }

  /** The data of each TFRecord, both of its checks verified. */
  private static List<byte[]> records(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertThat(in.getInt()).isEqualTo(masked(length));
      byte[] data =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      in.get(data);
      assertThat(in.getInt()).isEqualTo(masked(data));
      records.add(data);
    }
    return records;
  }

  /** The fields of a message: Long, Double or Float by wire type, byte[] for the rest. */
  private static Map<Integer, Object> fields(Object message) {
    ByteBuffer in = ByteBuffer.wrap((byte[]) message).order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, Object> fields = new HashMap<>();
    while (in.hasRemaining()) {
      long tag = varint(in);
      Object value =
          switch ((int) tag & 7) {
            case 0 -> varint(in);
            case 1 -> in.getDouble();
            case 5 -> in.getFloat();
            default -> {
              byte[] bytes = new byte[(int) varint(in)];
              in.get(bytes);
              yield bytes;
            }
          };
      fields.put((int) (tag >>> 3), value);
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static String text(Object bytes) {
    return new String((byte[]) bytes, StandardCharsets.UTF_8);
  }

  @Test
  void scalarsAndImagesAreReadBackAsTheyWereWritten() throws IOException {
    Path file;
    try (TensorBoardWriter writer = TensorBoardWriter.create(folder, () -> 1_700_000_000_250L)) {
      file = writer.file();
      writer.scalar("loss/train", 300, 0.125);
      writer.image("map", 1, new BufferedImage(5, 7, BufferedImage.TYPE_INT_RGB));
    }
    assertThat(file.getFileName()).hasToString("events.out.tfevents.1700000000.tacet.000");
    List<byte[]> records = records(file);
    assertThat(records).hasSize(3);
    assertThat(text(fields(records.get(0)).get(3))).isEqualTo("brain.Event:2");

    Map<Integer, Object> event = fields(records.get(1));
    assertThat(event).containsEntry(1, 1_700_000_000.25).containsEntry(2, 300L);
    Map<Integer, Object> value = fields(fields(event.get(5)).get(1));
    assertThat(text(value.get(1))).isEqualTo("loss/train");
    assertThat(value).containsEntry(2, 0.125f);

    Map<Integer, Object> image =
        fields(fields(fields(fields(records.get(2)).get(5)).get(1)).get(4));
    assertThat(image).containsEntry(1, 7L).containsEntry(2, 5L).containsEntry(3, 3L);
    BufferedImage png = ImageIO.read(new ByteArrayInputStream((byte[]) image.get(4)));
    assertThat(png.getWidth()).isEqualTo(5);
  }

  @Test
  void histogramsCountTheFiniteNumbers() throws IOException {
    Path file;
    try (TensorBoardWriter writer = TensorBoardWriter.create(folder)) {
      file = writer.file();
      writer.histogram("weights", 2, new double[] {-1, 3, Double.NaN, 3, 2.99});
      writer.histogram("same", 2, new double[] {0.5, 0.5});
      writer.histogram("none", 2, new double[] {Double.POSITIVE_INFINITY});
    }
    List<byte[]> records = records(file);
    assertThat(records).hasSize(3);
    Map<Integer, Object> weights = histogram(records.get(1));
    assertThat(weights).containsEntry(1, -1.0).containsEntry(2, 3.0).containsEntry(3, 4.0);
    assertThat((double) weights.get(4)).isEqualTo(7.99);
    assertThat((double) weights.get(5)).isEqualTo(1 + 9 + 9 + 2.99 * 2.99);
    double[] limits = doubles(weights.get(6));
    double[] counts = doubles(weights.get(7));
    assertThat(limits).hasSize(40).isSorted().contains(3.0);
    assertThat(counts[0]).isEqualTo(1);
    assertThat(counts[39]).isEqualTo(3);
    assertThat(doubles(histogram(records.get(2)).get(7))).startsWith(2).hasSize(40);
  }

  private static Map<Integer, Object> histogram(byte[] record) {
    return fields(fields(fields(fields(record).get(5)).get(1)).get(5));
  }

  /** A packed field. */
  private static double[] doubles(Object bytes) {
    ByteBuffer in = ByteBuffer.wrap((byte[]) bytes).order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[in.remaining() / Double.BYTES];
    in.asDoubleBuffer().get(values);
    return values;
  }

  @Test
  void aResumedRunTellsTensorBoardFromWhichStepOnToForget() throws IOException {
    TensorBoardWriter.create(folder).close();
    Path file;
    try (TensorBoardWriter writer = TensorBoardWriter.resume(folder, 12)) {
      file = writer.file();
      Map<Integer, Object> event = fields(records(file).get(1));
      assertThat(event).containsEntry(2, 12L);
      assertThat(fields(event.get(7))).containsEntry(1, 1L);
    }
  }

  @Test
  void aNegativeStepIsRefused() throws IOException {
    try (TensorBoardWriter writer = TensorBoardWriter.create(folder)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> writer.scalar("a", -1, 0))
          .withMessage("step: expected at least 0, got -1.");
    }
  }
}
