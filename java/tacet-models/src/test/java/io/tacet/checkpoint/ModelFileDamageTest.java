package io.tacet.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged file gives a ModelFormatException or the same content, and costs little memory. */
class ModelFileDamageTest {
  private static final long MAX_ALLOCATED_BYTES = 16L << 20;

  @TempDir Path folder;
  private final ModelFile sample = ModelFiles.sample();
  private Path file;
  private byte[] whole;

  @BeforeEach
  void writeTheSample() throws IOException {
    file = folder.resolve("model.tacet");
    sample.write(file);
    whole = Files.readAllBytes(file);
  }

  /** Reads a file with these bytes; null if it was refused. Any other exception fails the test. */
  private ModelFile readWithin(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    ModelFile read;
    try {
      read = ModelFile.read(file);
    } catch (ModelFormatException e) {
      assertThat(e).hasMessageStartingWith(file + ": ");
      read = null;
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).as("bytes allocated").isLessThan(MAX_ALLOCATED_BYTES);
    return read;
  }

  private void assertRefusedOrSame(byte[] bytes) throws IOException {
    ModelFile read = readWithin(bytes);
    if (read != null) {
      ModelFiles.assertSame(read, sample);
    }
  }

  @Test
  void aFlippedBitAnywhereIsNoticed() throws IOException {
    for (int at = 0; at < whole.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] bytes = whole.clone();
        bytes[at] ^= (byte) (1 << bit);
        assertRefusedOrSame(bytes);
      }
    }
  }

  @Test
  void aFileCutShortAnywhereIsNoticed() throws IOException {
    for (int length = 0; length < whole.length; length++) {
      assertThat(readWithin(Arrays.copyOf(whole, length))).as("of %s bytes", length).isNull();
    }
  }

  @Test
  void bytesAfterTheEndAreNoticed() throws IOException {
    assertThat(readWithin(Arrays.copyOf(whole, whole.length + 1))).isNull();
  }

  @Test
  void randomDamageIsNoticed() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 1000; round++) {
      byte[] bytes = whole.clone();
      int from = random.nextInt(bytes.length);
      int to = Math.min(bytes.length, from + 1 + random.nextInt(40));
      for (int at = from; at < to; at++) {
        bytes[at] = (byte) random.nextInt(256);
      }
      assertRefusedOrSame(Arrays.copyOf(bytes, to + random.nextInt(bytes.length - to + 1)));
    }
  }

  @Test
  void aHeaderForgedWithAFittingCheckCostsNothingButItsRefusal() throws IOException {
    SplittableRandom random = new SplittableRandom(2);
    String likely = "0123456789{}[]\",:.-eE FIU/x";
    int header = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    for (int round = 0; round < 2000; round++) {
      byte[] bytes = whole.clone();
      for (int change = random.nextInt(1, 4); change > 0; change--) {
        bytes[8 + Format.MAGIC.length() + random.nextInt(header - Format.MAGIC.length())] =
            (byte) likely.charAt(random.nextInt(likely.length()));
      }
      ModelFiles.sealHeader(bytes);
      readWithin(bytes);
    }
  }
}
