package io.tacet.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A reader that gets any bytes as a file. It reads them or throws an {@link IOException} that names
 * what is wrong, takes memory in proportion to the file, and ends soon; anything else is a finding.
 *
 * @param named what the message of an exception contains; empty: the name of the file
 * @param reader of the file
 * @param valid contents of files that are read
 */
public record FileTarget(String named, Reader reader, Contents valid) {
  private static final int DAMAGED = 12;
  private static final long ALWAYS_ALLOWED = 48L << 20;

  /** Deflate makes up to 1032 bytes of one, which become numbers of 8 bytes and are copied. */
  private static final long MOST_PER_BYTE = 4 * 8 * 1032;

  private static final long MOST_NANOS = 20_000_000_000L;
  private static final int LARGEST_REAL = 1 << 16;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Reads a file. */
  @FunctionalInterface
  public interface Reader {
    /** What was read; closed if it can be. */
    Object read(Path file) throws IOException;
  }

  /** Makes the contents of files. */
  @FunctionalInterface
  public interface Contents {
    /** One array for each file. */
    List<byte[]> make() throws IOException;
  }

  /** One whose exceptions name the file. */
  public static FileTarget of(Reader reader, Contents valid) {
    return new FileTarget("", reader, valid);
  }

  /**
   * What a test begins with: valid files, which have to be read, and each with random damage, the
   * same every time.
   */
  public Stream<byte[]> seeds() {
    List<byte[]> all = new ArrayList<>();
    try {
      for (byte[] content : valid.make()) {
        close(reader.read(write(content)));
        all.add(content);
        for (int round = 0; round < DAMAGED; round++) {
          all.add(Damage.of(content, new SplittableRandom(31L * all.size() + round)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("expected a valid file: " + e.getMessage(), e);
    }
    return all.stream();
  }

  /** Reads these bytes. */
  public void check(byte[] bytes) {
    long most = ALWAYS_ALLOWED + MOST_PER_BYTE * bytes.length;
    Cost cost = read(bytes);
    if (cost.allocated > most || cost.nanos > MOST_NANOS) {
      // Classes that were loaded, and instrumented, meanwhile count the first time only, and what
      // kept the machine busy is over.
      cost = read(bytes);
    }
    assertThat(cost.allocated)
        .as("bytes allocated for a file of %s bytes", bytes.length)
        .isLessThanOrEqualTo(most);
    assertThat(cost.nanos)
        .as("nanoseconds for a file of %s bytes", bytes.length)
        .isLessThanOrEqualTo(MOST_NANOS);
  }

  /** What a file took. */
  private record Cost(long allocated, long nanos) {}

  private Cost read(byte[] bytes) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    long began = System.nanoTime();
    Path file = write(bytes);
    try {
      close(reader.read(file));
    } catch (IOException e) {
      String part = named.isEmpty() ? file.toString() : named;
      assertThat(e.getMessage()).contains(part).hasSizeGreaterThan(part.length() + 2);
    }
    return new Cost(THREADS.getCurrentThreadAllocatedBytes() - before, System.nanoTime() - began);
  }

  /** Small files of data sets, where the environment variable {@code TACET_DATA} says there are. */
  public static List<byte[]> real(String... names) throws IOException {
    List<byte[]> all = new ArrayList<>();
    String folder = System.getenv("TACET_DATA");
    for (String name : folder == null ? new String[0] : names) {
      Path file = Path.of(folder, name);
      if (Files.isRegularFile(file) && Files.size(file) <= LARGEST_REAL) {
        all.add(Files.readAllBytes(file));
      }
    }
    return all;
  }

  private static void close(Object read) throws IOException {
    assertThat(read).isNotNull();
    if (read instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** A new file each time: one that is shortened is looked up in all that was ever mapped of it. */
  private static Path write(byte[] bytes) {
    try {
      Path file = Holder.FOLDER.resolve("input");
      Files.deleteIfExists(file);
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder of this process, made when it is first needed. */
  private static final class Holder {
    static final Path FOLDER = folder();

    private static Path folder() {
      try {
        Path folder = Files.createTempDirectory("fuzz");
        Path file = folder.resolve("input");
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      boolean ignored = file.toFile().delete() && folder.toFile().delete();
                    }));
        return folder;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
