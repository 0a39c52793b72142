package io.tacet.cuda.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Explains in one line why a library did not load and what to do about it. */
final class LoadDiagnosis {
  private static final Pattern MISSING = Pattern.compile("(\\S+): cannot open shared object file");
  private static final Pattern TOO_NEW = Pattern.compile("version `(GLIBC\\w*_[0-9.]+)' not found");

  private LoadDiagnosis() {}

  static String of(Path file, Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    return "loading " + file + " failed: " + message + hint(file, message);
  }

  private static String hint(Path file, String message) {
    Matcher missing = MISSING.matcher(message);
    if (missing.find() && !missing.group(1).endsWith(file.getFileName().toString())) {
      return " [it needs " + missing.group(1) + ": install it or add it to LD_LIBRARY_PATH]";
    }
    Matcher tooNew = TOO_NEW.matcher(message);
    if (tooNew.find()) {
      return " [it needs "
          + tooNew.group(1)
          + " and this system's C library is older: use a newer distribution or build it here]";
    }
    if (message.contains("failed to map segment") || message.contains("not permitted")) {
      return " [is the folder mounted noexec? point -Djava.io.tmpdir or -D"
          + NativeLibrary.PATH_PROPERTY
          + " at one that is not]";
    }
    String architecture = architecture(file);
    if (!architecture.equals(NativeLibrary.platform().replaceFirst("^[^-]*-", ""))) {
      return " [it is built for "
          + architecture
          + ", this JVM is "
          + NativeLibrary.platform()
          + "]";
    }
    return "";
  }

  /** The processor that an ELF file is built for. */
  private static String architecture(Path file) {
    byte[] header = new byte[20];
    try (InputStream in = Files.newInputStream(file)) {
      if (in.readNBytes(header, 0, 20) < 20 || header[0] != 0x7f || header[1] != 'E') {
        return "no processor: it is not an ELF file";
      }
    } catch (IOException e) {
      return "an unknown processor (" + e + ")";
    }
    int machine = (header[18] & 0xff) | (header[19] & 0xff) << 8;
    return switch (machine) {
      case 62 -> "x86_64";
      case 183 -> "aarch64";
      default -> "ELF machine " + machine;
    };
  }
}
