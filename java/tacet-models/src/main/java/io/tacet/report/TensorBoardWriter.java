package io.tacet.report;

import com.google.protobuf.ByteString;
import io.tacet.report.internal.TensorBoard.Event;
import io.tacet.report.internal.TensorBoard.HistogramProto;
import io.tacet.report.internal.TensorBoard.SessionLog;
import io.tacet.report.internal.TensorBoard.SessionLog.SessionStatus;
import io.tacet.report.internal.TensorBoard.Summary;
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
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;

/**
 * Writes scalars, histograms and images into an event file that TensorBoard shows.
 *
 * <p>The file is a sequence of TFRecords (length, masked CRC-32C of the length, data, masked
 * CRC-32C of the data; little-endian), each an {@code Event} message of
 * tensorflow/core/util/event.proto. Scalars are stored as float32. Not safe for use by several
 * threads.
 */
public final class TensorBoardWriter implements Closeable {
  /** Of a histogram. */
  private static final int INTERVALS = 40;

  private static final int RGB = 3;
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
    SessionLog.Builder start = SessionLog.newBuilder().setStatus(SessionStatus.START);
    writer.record(writer.event().setStep(step).setSessionLog(start));
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
    writer.record(writer.event().setFileVersion("brain.Event:2"));
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
    summary(step, Summary.Value.newBuilder().setTag(tag).setSimpleValue((float) value));
  }

  /**
   * Records a picture, for example {@code LearningCurve.image()}. Parameters as of {@link #scalar}.
   *
   * @throws IOException if it cannot be written
   */
  public void image(String tag, long step, BufferedImage image) throws IOException {
    Summary.Image.Builder picture =
        Summary.Image.newBuilder()
            .setHeight(image.getHeight())
            .setWidth(image.getWidth())
            .setColorspace(RGB)
            .setEncodedImageString(ByteString.copyFrom(Png.bytes(image)));
    summary(step, Summary.Value.newBuilder().setTag(tag).setImage(picture));
  }

  /**
   * Records how numbers are distributed, in intervals of equal width between the least and the
   * greatest. Parameters as of {@link #scalar}.
   *
   * @param values those that are not finite are left out
   * @throws IOException if it cannot be written
   */
  public void histogram(String tag, long step, double[] values) throws IOException {
    DoubleSummaryStatistics all =
        Arrays.stream(values).filter(Double::isFinite).summaryStatistics();
    if (all.getCount() == 0) {
      return;
    }
    double width = (all.getMax() - all.getMin()) / INTERVALS;
    double[] counts = new double[INTERVALS];
    double squares = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        int interval = width > 0 ? (int) ((value - all.getMin()) / width) : 0;
        counts[Math.min(INTERVALS - 1, interval)]++;
        squares += value * value;
      }
    }
    HistogramProto.Builder histogram =
        HistogramProto.newBuilder()
            .setMin(all.getMin())
            .setMax(all.getMax())
            .setNum((double) all.getCount())
            .setSum(all.getSum())
            .setSumSquares(squares);
    for (int i = 0; i < INTERVALS; i++) {
      histogram
          .addBucketLimit(i + 1 < INTERVALS ? all.getMin() + (i + 1) * width : all.getMax())
          .addBucket(counts[i]);
    }
    summary(step, Summary.Value.newBuilder().setTag(tag).setHisto(histogram));
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

  private Event.Builder event() {
    return Event.newBuilder().setWallTime(clockMillis.getAsLong() / 1000.0);
  }

  private void summary(long step, Summary.Value.Builder value) throws IOException {
    if (step < 0) {
      throw new IllegalArgumentException("step: expected at least 0, got " + step + ".");
    }
    record(event().setStep(step).setSummary(Summary.newBuilder().addValue(value)));
  }

  private void record(Event.Builder event) throws IOException {
    byte[] data = event.build().toByteArray();
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
