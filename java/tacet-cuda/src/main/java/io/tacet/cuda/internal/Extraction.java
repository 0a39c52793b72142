package io.tacet.cuda.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Unpacks libraries from the jar into a private directory named after a hash of their content, so
 * that versions coexist and several processes can unpack concurrently: each writes its own
 * temporary file and renames it into place.
 */
final class Extraction {
  private Extraction() {}

  /** Target directories, in order of preference. */
  static List<Path> candidates() {
    List<Path> places = new ArrayList<>();
    String cache = System.getenv("XDG_CACHE_HOME");
    String home = System.getProperty("user.home", "");
    if (cache != null && !cache.isBlank()) {
      places.add(Path.of(cache, "tacet"));
    } else if (!home.isBlank() && !home.equals("?")) {
      places.add(Path.of(home, ".cache", "tacet"));
    }
    places.add(
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "tacet-" + System.getProperty("user.name", "user")));
    return places;
  }

  /**
   * Extracts files into one directory below {@code parent}.
   *
   * @return the directory
   * @throws IOException if it cannot be written, or belongs to another user or can be written to by
   *     one
   */
  static Path extract(List<URL> resources, Path parent) throws IOException {
    List<byte[]> contents = new ArrayList<>();
    for (URL resource : resources) {
      try (InputStream in = resource.openStream()) {
        contents.add(in.readAllBytes());
      }
    }
    makePrivate(parent);
    Path directory = parent.resolve(hash(contents));
    makePrivate(directory);
    for (int i = 0; i < contents.size(); i++) {
      String path = resources.get(i).getPath();
      put(contents.get(i), directory.resolve(path.substring(path.lastIndexOf('/') + 1)));
    }
    return directory;
  }

  private static void put(byte[] content, Path file) throws IOException {
    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && Arrays.equals(Files.readAllBytes(file), content)) {
      return;
    }
    Path temporary = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".part");
    try {
      Files.write(temporary, content);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** No other user may be able to place a library where this process loads one. */
  private static void makePrivate(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      Path parent = directory.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      try {
        Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (java.nio.file.FileAlreadyExistsException e) {
        // another process was faster; the owner is checked below
      }
    }
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(directory + " is not a directory");
    }
    Path probe = Files.createTempFile(directory, "owner", ".part");
    try {
      if (!Files.getOwner(probe).equals(Files.getOwner(directory))) {
        throw new IOException(directory + " belongs to another user");
      }
    } finally {
      Files.delete(probe);
    }
    Set<PosixFilePermission> rights = Files.getPosixFilePermissions(directory);
    if (rights.contains(PosixFilePermission.GROUP_WRITE)
        || rights.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          directory + " can be written to by other users; remove it, or chmod go-w it");
    }
  }

  private static String hash(List<byte[]> contents) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      contents.forEach(digest::update);
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
