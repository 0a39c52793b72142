import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The GPU code that nvcc has put into a library: containers in the section .nv_fatbin, each a
 * header of 16 bytes and then entries, PTX and cubins, with headers of their own.
 */
final class Fatbin {
  private static final int MAGIC = 0xba55ed50;
  private static final int CUBIN = 2;
  private static final int HEADER_BYTES = 16;
  private static final int ALIGNMENT = 8;

  private Fatbin() {}

  /** The cubins for an architecture such as 90 in a library, or of the file if it is a cubin. */
  static List<Elf> cubins(Path file, int architecture) throws IOException {
    ByteBuffer bytes = Elf.little(ByteBuffer.wrap(Files.readAllBytes(file)));
    if (!Elf.is(bytes)) {
      throw new IOException(file + ": expected a shared library or a cubin");
    }
    Elf elf = Elf.of(bytes);
    if (elf.section(".nv.info") != null) {
      return List.of(elf);
    }
    Elf.Section code = elf.section(".nv_fatbin");
    return code == null ? List.of() : entries(file, code.bytes(), architecture);
  }

  private static List<Elf> entries(Path file, ByteBuffer code, int architecture)
      throws IOException {
    List<Elf> cubins = new ArrayList<>();
    int at = 0;
    while (at + HEADER_BYTES <= code.limit()) {
      if (code.getInt(at) != MAGIC) {
        at += ALIGNMENT;
        continue;
      }
      int end = at + HEADER_BYTES + (int) code.getLong(at + 8);
      for (int entry = at + HEADER_BYTES; entry < end; ) {
        int header = code.getInt(entry + 4);
        int size = (int) code.getLong(entry + 8);
        if (code.getShort(entry) == CUBIN && code.getInt(entry + 28) == architecture) {
          ByteBuffer cubin = code.slice(entry + header, size);
          if (!Elf.is(cubin)) {
            throw new IOException(
                file
                    + ": its GPU code is compressed; expected that of a development build, which"
                    + " native/CMakeLists.txt leaves uncompressed (TACET_FATBIN=OFF)");
          }
          cubins.add(Elf.of(cubin));
        }
        entry += header + size;
      }
      at = end;
    }
    return cubins;
  }
}
