package io.tacet.cuda.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * Unpacks libraries from the jar into a private directory named after their checksums and sizes, so
 * that versions coexist and several processes can unpack concurrently: each writes its own
 * temporary file and renames it into place. A file that is there is compared by both with what the
 * jar's index says, which takes a tenth of the time of unpacking.
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
    List<Resource> all = new ArrayList<>();
    for (URL resource : resources) {
      all.add(Resource.of(resource));
    }
    makePrivate(parent);
    Path directory =
        parent.resolve(all.stream().map(Resource::stamp).collect(Collectors.joining("-")));
    makePrivate(directory);
    for (Resource resource : all) {
      put(resource, directory.resolve(resource.name()));
    }
    return directory;
  }

  /**
   * A file to extract.
   *
   * @param checksum CRC-32
   */
  private record Resource(URL url, long checksum, long size) {

    /** From the index of the jar; of a file in a folder from its content. */
    static Resource of(URL url) throws IOException {
      if (url.openConnection() instanceof JarURLConnection connection) {
        JarEntry entry = connection.getJarEntry();
        if (entry.getCrc() >= 0 && entry.getSize() >= 0) {
          return new Resource(url, entry.getCrc(), entry.getSize());
        }
      }
      byte[] content = read(url);
      return new Resource(url, checksumOf(content), content.length);
    }

    static byte[] read(URL url) throws IOException {
      try (InputStream in = url.openStream()) {
        return in.readAllBytes();
      }
    }

    private static long checksumOf(byte[] content) {
      CRC32 crc = new CRC32();
      crc.update(content);
      return crc.getValue();
    }

    boolean isContentOf(Path file) throws IOException {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && Files.size(file) == size
          && checksumOf(Files.readAllBytes(file)) == checksum;
    }

    String name() {
      String path = url.getPath();
      return path.substring(path.lastIndexOf('/') + 1);
    }

    String stamp() {
      return String.format(Locale.ROOT, "%08x%x", checksum, size);
    }
  }

  private static void put(Resource resource, Path file) throws IOException {
    if (resource.isContentOf(file)) {
      return;
    }
    Path temporary = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".part");
    try {
      Files.write(temporary, Resource.read(resource.url));
      if (!resource.isContentOf(temporary)) {
        throw new IOException(resource.url + " is damaged: its checksum is not that of the jar");
      }
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
}
