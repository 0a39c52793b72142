package io.tacet.exchange;

import io.tacet.Backend;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A kind of file in which other programs keep networks: a service found by {@link NetworkFormats}.
 * Constructing one must be cheap and never fail.
 */
public interface NetworkFormat {
  /** Name for people, such as {@code ONNX}. */
  String name();

  /** Endings of file names, in lower case and with their dot, such as {@code .onnx}. */
  List<String> endings();

  /** Whether files hold the structure of a network, else only its weights. */
  boolean holdsStructure();

  /**
   * Reads a network; the caller closes it.
   *
   * @param backend to put it on
   * @param structure of the network, of a format that {@linkplain #holdsStructure holds} only
   *     weights; else, or if it was not given, null
   * @throws io.tacet.files.FileFormatException if the file is damaged, or holds what no network of
   *     Tacet computes; the message names what it is
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if a structure is needed and there is none
   */
  Network read(Backend backend, Path file, NetworkSpec structure) throws IOException;

  /**
   * The same with settings by name, for formats whose files leave open what a network has to know.
   *
   * @throws IllegalArgumentException if the format has none of a name; those without settings have
   *     none at all
   */
  default Network read(
      Backend backend, Path file, NetworkSpec structure, Map<String, String> settings)
      throws IOException {
    requireNone(settings);
    return read(backend, file, structure);
  }

  /**
   * Writes a network, replacing a file of that name only once the new one is complete.
   *
   * @return what was written in a few words, such as {@code 5 arrays}
   * @throws IllegalArgumentException if the format cannot say what the network computes; the
   *     message names the layer
   * @throws IOException if it cannot be written; a file of that name is then unchanged
   */
  String write(Network network, Path file) throws IOException;

  /** The same with settings by name; as {@link #read(Backend, Path, NetworkSpec, Map)}. */
  default String write(Network network, Path file, Map<String, String> settings)
      throws IOException {
    requireNone(settings);
    return write(network, file);
  }

  private void requireNone(Map<String, String> settings) {
    if (!settings.isEmpty()) {
      throw new IllegalArgumentException(
          "settings: expected none for files of "
              + name()
              + ", got "
              + settings.keySet()
              + ". Leave them out.");
    }
  }
}
