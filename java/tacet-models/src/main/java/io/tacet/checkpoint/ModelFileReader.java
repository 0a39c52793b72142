package io.tacet.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads {@code .tacet} files: safetensors with a magic number, a version and checks. */
final class ModelFileReader {
  private static final byte[] MAGIC = Format.MAGIC.getBytes(StandardCharsets.US_ASCII);

  private final Path file;

  private ModelFileReader(Path file) {
    this.file = file;
  }

  static ModelFile read(Path file) throws IOException {
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      return new ModelFileReader(file).read(reader);
    }
  }

  private ModelFile read(SafetensorsReader reader) throws IOException {
    checkMagic(reader.beginning(Format.LENGTH_BYTES + MAGIC.length));
    byte[] lengthAndHeader = reader.header();
    checkHeader(lengthAndHeader);
    Header header =
        Header.parse(file, lengthAndHeader, metadata -> checkVersion(metadata.get(Format.FORMAT)));
    Map<String, String> checks = new LinkedHashMap<>();
    for (Header.Description description : header.descriptions()) {
      String check = header.metadata().get(Format.ENTRY_CRC + description.name());
      if (check == null) {
        throw Header.bad(file, "there is no check for \"" + description.name() + "\"");
      }
      checks.put(description.name(), check);
    }
    Map<String, String> own = new LinkedHashMap<>(header.metadata());
    own.keySet().removeIf(key -> key.startsWith(Format.RESERVED));
    return new ModelFile(file, own, reader.data(header, checks));
  }

  private void checkMagic(byte[] start) throws ModelFormatException {
    int found = Math.max(0, start.length - Format.LENGTH_BYTES);
    if (found == 0) {
      throw new ModelFormatException(
          file,
          "expected a .tacet model, found a file of " + start.length + " bytes",
          Format.COPY_AGAIN);
    }
    int first = Format.LENGTH_BYTES;
    if (Arrays.equals(start, first, first + found, MAGIC, 0, found)) {
      return;
    }
    boolean safetensors = start[first] == '{';
    throw new ModelFormatException(
        file,
        "not a .tacet model"
            + (safetensors ? ", though it may be a safetensors file of another program" : ""),
        "Give a file that Tacet wrote"
            + (safetensors ? ", or load its weights by name into a network." : "."));
  }

  private void checkHeader(byte[] lengthAndHeader) throws ModelFormatException {
    int digits = Format.LENGTH_BYTES + MAGIC.length;
    if (lengthAndHeader.length < digits + Format.CRC_DIGITS) {
      throw Header.bad(file, "its length reads " + (lengthAndHeader.length - Format.LENGTH_BYTES));
    }
    String stored =
        new String(lengthAndHeader, digits, Format.CRC_DIGITS, StandardCharsets.ISO_8859_1);
    if (!stored.equals(Format.headerCrc(lengthAndHeader))) {
      throw Header.bad(file, "its check does not match");
    }
  }

  private void checkVersion(String version) throws ModelFormatException {
    if (version == null || !version.matches("[1-9][0-9]{0,8}")) {
      throw Header.bad(file, "expected a version number, found " + version);
    }
    if (Integer.parseInt(version) > Format.VERSION) {
      throw new ModelFormatException(
          file,
          String.format(
              "written by a newer Tacet: format %s, and this one reads up to %d",
              version, Format.VERSION),
          "Update Tacet.");
    }
  }
}
