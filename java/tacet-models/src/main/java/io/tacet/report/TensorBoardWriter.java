package io.tacet.report;

import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;

/**
 * Writes scalars and images into an event file that TensorBoard shows.
 *
 * <p>The file is a sequence of TFRecords (length, masked CRC-32C of the length, data, masked
 * CRC-32C of the data; little-endian), each an {@code Event} message of
 * tensorflow/core/util/event.proto, which is encoded here by hand. Scalars are stored as float32.
 * Not safe for use by several threads.
 */
public final class TensorBoardWriter implements Closeable {
  private static final int EVENT_WALL_TIME = 1;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int EVENT_SESSION_LOG = 7;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;
  private static final int VALUE_IMAGE = 4;
  private static final int IMAGE_HEIGHT = 1;
  private static final int IMAGE_WIDTH = 2;
  private static final int IMAGE_COLOURS = 3;
  private static final int IMAGE_ENCODED = 4;
  private static final int RGB = 3;
  private static final int SESSION_STATUS = 1;
  private static final int SESSION_START = 1;
  private static final int CRC_MASK = 0xa282ead8;

  private final Path file;
  private final OutputStream out;
  private final LongSupplier clockMillis;

  private TensorBoardWriter(Path file, LongSupplier clockMillis) throws IOException {
    this.file = file;
    this.out =
        new BufferedOutputStream(
            Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    this.clockMillis = clockMillis;
  }

  /**
   * Starts a new event file in {@code directory}, which is created where it is missing.
   *
   * @throws IOException if it cannot be written
   */
  public static TensorBoardWriter create(Path directory) throws IOException {
    return create(directory, System::currentTimeMillis);
  }

  /**
   * Starts a new event file beside those of an earlier run, from which TensorBoard then drops what
   * was recorded at {@code step} and later.
   *
   * @param step first step that will be written now, at least 0
   * @throws IOException if it cannot be written
   */
  public static TensorBoardWriter resume(Path directory, long step) throws IOException {
    TensorBoardWriter writer = create(directory);
    ProtoMessage start = new ProtoMessage().putLong(SESSION_STATUS, SESSION_START);
    writer.record(writer.event().putLong(EVENT_STEP, step).putMessage(EVENT_SESSION_LOG, start));
    writer.flush();
    return writer;
  }

  static TensorBoardWriter create(Path directory, LongSupplier clockMillis) throws IOException {
    Files.createDirectories(directory);
    long seconds = TimeUnit.MILLISECONDS.toSeconds(clockMillis.getAsLong());
    Path file = null;
    for (int i = 0; file == null || Files.exists(file); i++) {
      file =
          directory.resolve(
              String.format(Locale.ROOT, "events.out.tfevents.%010d.tacet.%03d", seconds, i));
    }
    TensorBoardWriter writer = new TensorBoardWriter(file, clockMillis);
    writer.record(writer.event().putString(EVENT_FILE_VERSION, "brain.Event:2"));
    writer.flush();
    return writer;
  }

  /** The event file. */
  public Path file() {
    return file;
  }

  /**
   * Records a number.
   *
   * @param tag name of the curve; a slash groups, as in {@code loss/train}
   * @param step position on the curve, at least 0: the epoch, for example
   * @throws IOException if it cannot be written
   */
  public void scalar(String tag, long step, double value) throws IOException {
    summary(
        step, new ProtoMessage().putString(VALUE_TAG, tag).putFloat(VALUE_SIMPLE, (float) value));
  }

  /**
   * Records a picture, for example {@code LearningCurve.image()}. Parameters as of {@link #scalar}.
   *
   * @throws IOException if it cannot be written
   */
  public void image(String tag, long step, BufferedImage image) throws IOException {
    ProtoMessage message =
        new ProtoMessage()
            .putLong(IMAGE_HEIGHT, image.getHeight())
            .putLong(IMAGE_WIDTH, image.getWidth())
            .putLong(IMAGE_COLOURS, RGB)
            .putBytes(IMAGE_ENCODED, Png.bytes(image));
    summary(step, new ProtoMessage().putString(VALUE_TAG, tag).putMessage(VALUE_IMAGE, message));
  }

  /**
   * Hands everything recorded to the operating system, so that TensorBoard sees it.
   *
   * @throws IOException if it cannot be written
   */
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw OutputFolder.failure(file, e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      out.close();
    } catch (IOException e) {
      throw OutputFolder.failure(file, e);
    }
  }

  private ProtoMessage event() {
    return new ProtoMessage().putDouble(EVENT_WALL_TIME, clockMillis.getAsLong() / 1000.0);
  }

  private void summary(long step, ProtoMessage value) throws IOException {
    if (step < 0) {
      throw new IllegalArgumentException("step: expected at least 0, got " + step + ".");
    }
    ProtoMessage summary = new ProtoMessage().putMessage(SUMMARY_VALUE, value);
    record(event().putLong(EVENT_STEP, step).putMessage(EVENT_SUMMARY, summary));
  }

  private void record(ProtoMessage event) throws IOException {
    byte[] data = event.toByteArray();
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(data.length);
    try {
      out.write(length.array());
      out.write(maskedCrc(length.array()));
      out.write(data);
      out.write(maskedCrc(data));
    } catch (IOException e) {
      throw OutputFolder.failure(file, e);
    }
  }

  /**
   * CRC-32C, rotated and shifted, as the format demands for data that contain check sums
   * themselves.
   */
  static byte[] maskedCrc(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    int masked = Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK;
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(masked).array();
  }
}
