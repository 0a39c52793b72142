package io.tacet.spark;

import io.tacet.Backend;
import io.tacet.checkpoint.ModelFile;
import io.tacet.network.Network;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/** Model files as bytes, which go through Spark, and in the file systems that Hadoop knows. */
final class ModelBytes {
  private ModelBytes() {}

  /** What writes or reads a file on this machine. */
  private interface Use<T> {
    T with(java.nio.file.Path file) throws IOException;
  }

  private static <T> T temporary(Use<T> use) throws IOException {
    java.nio.file.Path file = Files.createTempFile("tacet", ".tacet");
    try {
      return use.with(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  static byte[] of(ModelFile model) throws IOException {
    return temporary(
        file -> {
          model.write(file);
          return Files.readAllBytes(file);
        });
  }

  static byte[] of(Network network) throws IOException {
    return temporary(
        file -> {
          network.save(file);
          return Files.readAllBytes(file);
        });
  }

  static ModelFile file(byte[] bytes) throws IOException {
    return temporary(file -> ModelFile.read(Files.write(file, bytes)));
  }

  /** The network of a model; the caller closes it. */
  static Network network(Backend backend, byte[] bytes) throws IOException {
    return Network.read(backend, file(bytes), java.nio.file.Path.of("model"), null);
  }

  /** Replaces a file, whole or not at all. */
  static void write(String place, byte[] bytes, Configuration configuration) throws IOException {
    Path file = new Path(place);
    Path part = file.suffix("." + UUID.randomUUID() + ".part");
    FileContext files = FileContext.getFileContext(file.toUri(), configuration);
    EnumSet<CreateFlag> flags = EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE);
    try (OutputStream out = files.create(part, flags, Options.CreateOpts.createParent())) {
      out.write(bytes);
    }
    files.rename(part, file, Options.Rename.OVERWRITE);
  }

  /** The bytes of a file; null if there is none. */
  static byte[] read(String place, Configuration configuration) throws IOException {
    Path file = new Path(place);
    FileContext files = FileContext.getFileContext(file.toUri(), configuration);
    if (!files.util().exists(file)) {
      return null;
    }
    try (var in = files.open(file)) {
      return in.readAllBytes();
    }
  }
}
