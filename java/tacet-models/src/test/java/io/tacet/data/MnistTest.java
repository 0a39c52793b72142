package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tacet.files.FileFormatException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
  private static final String IMAGES = "train-images-idx3-ubyte";
  private static final String LABELS = "train-labels-idx1-ubyte";

  @TempDir Path folder;

  private static byte[] idx(int magic, byte[] data, int... dimensions) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(magic);
    for (int dimension : dimensions) {
      out.writeInt(dimension);
    }
    out.write(data);
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  /** Three images: empty; pixels 5 = 255, 9 = 1, 2 = 2, 700 = 255; all at 128. */
  private static byte[] images() throws IOException {
    byte[] pixels = new byte[3 * 784];
    pixels[784 + 5] = (byte) 255;
    pixels[784 + 9] = 1;
    pixels[784 + 2] = 2;
    pixels[784 + 700] = (byte) 255;
    Arrays.fill(pixels, 2 * 784, 3 * 784, (byte) 128);
    return idx(0x803, pixels, 3, 28, 28);
  }

  private static byte[] labels() throws IOException {
    return idx(0x801, new byte[] {7, 0, 9}, 3);
  }

  private void write(String name, byte[] content) throws IOException {
    Files.write(folder.resolve(name), content);
  }

  @Test
  void aBrightPixelFiresEarlyAndADarkOneNotAtAll() throws IOException {
    write(IMAGES, images());
    write(LABELS, labels());
    SpikeDataset data = Mnist.in(folder).train();
    assertThat(data.sources()).isEqualTo(784);
    assertThat(data.labels()).containsExactly(7, 0, 9);
    assertThat(data.offsets()).containsExactly(0, 0, 3, 3 + 784);
    assertThat(Arrays.copyOf(data.eventSources(), 3)).containsExactly(5, 700, 2);
    assertThat(Arrays.copyOf(data.times(), 3)).containsExactly(0, 0, (1 - 2 / 255.0) * 20);
    assertThat(data.time(100)).isEqualTo((1 - 128 / 255.0) * 20);
  }

  @Test
  void aGzippedFileIsKnownByItsContentWhateverItsName() throws IOException {
    write(IMAGES, gzip(images()));
    write(LABELS + ".gz", labels());
    assertThat(Mnist.in(folder).train().size()).isEqualTo(3);
  }

  @Test
  void filesAreAlsoFoundInTheUsualFoldersBelow() throws IOException {
    Path raw = Files.createDirectories(folder.resolve("MNIST").resolve("raw"));
    Files.write(raw.resolve("t10k-images.idx3-ubyte"), images());
    Files.write(raw.resolve("t10k-labels.idx1-ubyte"), labels());
    assertThat(Mnist.in(folder).test().size()).isEqualTo(3);
  }

  @Test
  void theValidationSetIsTheTailOfTheTrainingSet() throws IOException {
    write(IMAGES, images());
    write(LABELS, labels());
    Mnist mnist = Mnist.in(folder);
    assertThat(mnist.train(1).labels()).containsExactly(7, 0);
    assertThat(mnist.validation(1).labels()).containsExactly(9);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> mnist.train(4))
        .withMessage("heldOut: expected 0 to 3 (the training samples), got 4.");
  }

  @Test
  void aMissingFileIsReportedWithItsNamesPlacesAndOrigin() throws IOException {
    write(IMAGES, images());
    assertThatExceptionOfType(MissingDataException.class)
        .isThrownBy(() -> Mnist.in(folder).train())
        .withMessageContainingAll(
            "MNIST training labels not found",
            LABELS + ".gz or " + LABELS,
            folder.toString(),
            "http://yann.lecun.com/exdb/mnist/");
  }

  @Test
  void aFileCutShortIsReportedWhereverItEnds() throws IOException {
    write(LABELS, labels());
    byte[] whole = images();
    for (int length : new int[] {0, 3, 4, 10, 16, 17, whole.length - 1}) {
      write(IMAGES, Arrays.copyOf(whole, length));
      assertThatExceptionOfType(FileFormatException.class)
          .isThrownBy(() -> Mnist.in(folder).train())
          .withMessageContainingAll(IMAGES, "cut short", "Fetch the file again.");
    }
  }

  @Test
  void aCompressedFileCutShortOrDamagedIsReportedWhereverItIs() throws IOException {
    write(LABELS, labels());
    byte[] whole = gzip(images());
    for (int length = 3; length < whole.length; length++) {
      write(IMAGES, Arrays.copyOf(whole, length));
      assertThatExceptionOfType(FileFormatException.class)
          .isThrownBy(() -> Mnist.in(folder).train())
          .withMessageContaining("Fetch the file again.");
    }
    byte[] damaged = whole.clone();
    damaged[damaged.length - 6] ^= 1;
    write(IMAGES, damaged);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Mnist.in(folder).train())
        .withMessageContaining("damaged");
  }

  @Test
  void bytesAfterTheDataAreReported() throws IOException {
    write(IMAGES, images());
    write(LABELS, Arrays.copyOf(labels(), 12));
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Mnist.in(folder).train())
        .withMessageContainingAll(LABELS, "3 bytes of data and there are more");
  }

  @Test
  void aFileOfAnotherKindIsReportedByItsMagicNumber() throws IOException {
    write(IMAGES, labels());
    write(LABELS, labels());
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Mnist.in(folder).train())
        .withMessageContainingAll("expected magic number 0x00000803", "found 0x00000801");
  }

  @Test
  void dimensionsNoArrayCanHoldAreRefusedBeforeAnythingIsAllocated() throws IOException {
    write(LABELS, labels());
    for (int size : new int[] {Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
      write(IMAGES, idx(0x803, new byte[0], size, 28, 28));
      assertThatExceptionOfType(FileFormatException.class)
          .isThrownBy(() -> Mnist.in(folder).train())
          .withMessageContaining("expected dimensions whose product is an array size");
    }
    write(IMAGES, idx(0x803, new byte[0], Integer.MAX_VALUE / 784, 28, 28));
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Mnist.in(folder).train())
        .withMessageContaining("cut short");
  }

  @Test
  void imagesAndLabelsMustAgreeInNumberSizeAndRange() throws IOException {
    write(IMAGES, images());
    write(LABELS, idx(0x801, new byte[] {1, 2}, 2));
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Mnist.in(folder).train())
        .withMessageContainingAll("expected 3 labels", "found 2");
    write(LABELS, idx(0x801, new byte[] {1, 2, 10}, 3));
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Mnist.in(folder).train())
        .withMessageContaining("found 10 at position 2");
    write(IMAGES, idx(0x803, new byte[3], 3, 1, 1));
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Mnist.in(folder).train())
        .withMessageContaining("expected images of 28 x 28 pixels, found 1 x 1");
  }

  @Test
  void thePublishedFilesHaveTheirKnownSizesAndClassCounts() throws IOException {
    Mnist mnist = Mnist.in(DataFolder.of("mnist"));
    assertThat(mnist.train().classCounts())
        .containsExactly(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949);
    assertThat(mnist.test().classCounts())
        .containsExactly(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009);
  }
}
