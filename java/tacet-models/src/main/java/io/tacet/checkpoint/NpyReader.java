package io.tacet.checkpoint;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the {@code .npy} format from a stream of known length. Nothing is allocated on the word of
 * the header alone: its shape is first held against that length.
 */
final class NpyReader {
  private static final int MAX_HEADER_BYTES = 1 << 16;
  private static final int MAX_DIMENSIONS = 64;
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern STRUCTURE = Pattern.compile("'descr'\\s*:\\s*\\[");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9L, ]*)\\)");

  private final Path file;
  private final String prefix;
  private final InputStream in;
  private final long size;

  /**
   * @param member name of the array within the file; empty: it is all of the file
   * @param size bytes of the stream
   */
  NpyReader(Path file, String member, InputStream in, long size) {
    this.file = file;
    this.prefix = member.isEmpty() ? "" : "\"" + member + "\": ";
    this.in = in;
    this.size = size;
  }

  TypedArray read() throws IOException {
    byte[] start = in.readNBytes(NpyWriter.MAGIC.length + 2);
    if (start.length < NpyWriter.MAGIC.length + 2
        || !Arrays.equals(start, 0, NpyWriter.MAGIC.length, NpyWriter.MAGIC, 0, 6)) {
      throw bad("expected a NumPy array that begins with \\x93NUMPY, found another beginning");
    }
    int version = start[NpyWriter.MAGIC.length];
    if (version < 1 || version > 3) {
      throw bad("expected version 1, 2 or 3 of the format, found " + version);
    }
    int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
    byte[] lengthField = in.readNBytes(lengthBytes);
    if (lengthField.length < lengthBytes) {
      throw bad("the header is cut short");
    }
    ByteBuffer length = ByteBuffer.wrap(lengthField).order(ByteOrder.LITTLE_ENDIAN);
    long headerBytes =
        version == 1
            ? Short.toUnsignedLong(length.getShort())
            : Integer.toUnsignedLong(length.getInt());
    long dataStart = start.length + lengthBytes + headerBytes;
    if (headerBytes > MAX_HEADER_BYTES || dataStart > size) {
      throw bad("the header of " + headerBytes + " bytes is longer than it may be");
    }
    byte[] header = in.readNBytes((int) headerBytes);
    if (header.length < headerBytes) {
      throw bad("the header is cut short");
    }
    return read(new String(header, StandardCharsets.UTF_8), size - dataStart);
  }

  private TypedArray read(String header, long dataBytes) throws IOException {
    String code = typeCode(header);
    EntryType type = EntryType.ofNumpyCode(code.substring(1));
    int[] shape = shape(header);
    int length = Format.product(shape);
    if (length < 0) {
      throw bad(
          "the shape "
              + Arrays.toString(shape)
              + " has more elements than the "
              + Format.MAX_LENGTH
              + " that can be read");
    }
    if ((long) length * type.bytes() != dataBytes) {
      throw bad(
          String.format(
              "expected %d bytes of data for the shape %s of %s, found %d",
              (long) length * type.bytes(), Arrays.toString(shape), code, dataBytes));
    }
    boolean bigEndian = code.charAt(0) == '>';
    Object array = data(type, length, bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    if (match(ORDER, header, "the order of the elements").equals("True")) {
      array = transposed(type, array, shape);
    }
    return new TypedArray(type, Arrays.stream(shape).boxed().toList(), array);
  }

  private String typeCode(String header) throws FileFormatException {
    if (STRUCTURE.matcher(header).find()) {
      throw unsupported("structures of several fields", "Save each field as an array.");
    }
    String code = match(TYPE, header, "the type of the elements");
    if (code.matches("[<>|=]?O.*")) {
      throw unsupported(
          "Python objects, which only Python can read and which can run code when it does",
          "Save numbers: numpy.save(file, array.astype(numpy.float32), allow_pickle=False).");
    }
    if (!code.matches("[<>|]..*") || EntryType.ofNumpyCode(code.substring(1)) == null) {
      throw unsupported(
          "elements of the type \"" + code + "\"",
          "Save floating-point numbers, integers or booleans, for example with"
              + " array.astype(numpy.float32).");
    }
    return code;
  }

  private int[] shape(String header) throws FileFormatException {
    String[] sizes = match(SHAPE, header, "the shape").replace("L", "").split(",", -1);
    int[] shape = new int[sizes.length];
    int dimensions = 0;
    for (int d = 0; d < sizes.length; d++) {
      String text = sizes[d].strip();
      // A tuple of one ends in a comma, and a scalar has an empty one.
      if (text.isEmpty() && d == sizes.length - 1) {
        continue;
      }
      if (!text.matches("\\d{1,18}") || d == MAX_DIMENSIONS) {
        throw bad("expected a shape of at most " + MAX_DIMENSIONS + " sizes, found " + text);
      }
      shape[dimensions++] = (int) Math.min(Long.parseLong(text), Integer.MAX_VALUE);
    }
    return Arrays.copyOf(shape, dimensions);
  }

  private String match(Pattern pattern, String header, String what) throws FileFormatException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw bad("the header does not give " + what);
    }
    return matcher.group(1);
  }

  private Object data(EntryType type, int length, ByteOrder order) throws IOException {
    Object array = type.allocate(length);
    byte[] chunk = new byte[(int) Math.min(Format.CHUNK_BYTES, (long) length * type.bytes())];
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(order);
    int perChunk = chunk.length / type.bytes();
    for (int from = 0; from < length; from += perChunk) {
      int count = Math.min(perChunk, length - from);
      int bytes = count * type.bytes();
      if (in.readNBytes(chunk, 0, bytes) < bytes) {
        throw bad("the data is cut short");
      }
      type.get(array, from, count, buffer);
    }
    return array;
  }

  /** From the first index fastest to the last index fastest. */
  private static Object transposed(EntryType type, Object array, int[] shape) {
    int length = Format.product(shape);
    Object result = type.allocate(length);
    int[] index = new int[shape.length];
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int d = 0; d < shape.length; d++) {
      strides[d] = stride;
      stride *= shape[d];
    }
    int from = 0;
    for (int to = 0; to < length; to++) {
      System.arraycopy(array, from, result, to, 1);
      for (int d = shape.length - 1; d >= 0; d--) {
        from += strides[d];
        if (++index[d] < shape[d]) {
          break;
        }
        from -= index[d] * strides[d];
        index[d] = 0;
      }
    }
    return result;
  }

  private FileFormatException unsupported(String found, String remedy) {
    return new FileFormatException(
        file, prefix + "expected an array of numbers, found " + found, remedy);
  }

  private FileFormatException bad(String problem) {
    return new FileFormatException(
        file, prefix + problem, "Write it again with numpy.save or numpy.savez.");
  }
}
