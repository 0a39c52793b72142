package io.tacet.exchange;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;

/** The formats on the class path. */
public final class NetworkFormats {
  private NetworkFormats() {}

  /** All of them, by name. */
  public static List<NetworkFormat> all() {
    List<NetworkFormat> found = new ArrayList<>();
    ServiceLoader.load(NetworkFormat.class, NetworkFormats.class.getClassLoader())
        .forEach(found::add);
    found.sort(Comparator.comparing(NetworkFormat::name));
    return found;
  }

  /**
   * The format of a file, chosen by the ending of its name in any case.
   *
   * @param argument name of the file in messages
   * @throws IllegalArgumentException if no format has that ending; the message lists those there
   *     are
   */
  public static NetworkFormat of(String argument, Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    List<NetworkFormat> all = all();
    for (NetworkFormat format : all) {
      if (format.endings().stream().anyMatch(name::endsWith)) {
        return format;
      }
    }
    List<String> endings = all.stream().flatMap(f -> f.endings().stream()).sorted().toList();
    throw new IllegalArgumentException(
        argument
            + ": expected a name that ends in "
            + String.join(" or ", endings)
            + ", got '"
            + file
            + "'.");
  }
}
