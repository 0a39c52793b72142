package io.tacet.reference;

import io.tacet.spi.OptionalProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/** Which services on the class path a property leaves to the java backend. */
final class OptionalProviders {
  private OptionalProviders() {}

  /**
   * Those that may be used: with {@code java} none, with {@code auto} or without the property all,
   * else the one that it names; those to be preferred first. They are not opened.
   *
   * @throws IllegalArgumentException if the property names none that is there
   * @throws IllegalStateException if the one that it names cannot run here
   */
  static <P extends OptionalProvider> List<P> chosen(String property, Class<P> type) {
    String name = System.getProperty(property, "auto");
    List<String> known = new ArrayList<>(List.of("auto", "java"));
    List<P> chosen = new ArrayList<>();
    for (P provider : ServiceLoader.load(type, OptionalProviders.class.getClassLoader())) {
      known.add(provider.name());
      if (name.equals("auto") || name.equals(provider.name())) {
        chosen.add(provider);
      }
    }
    if (!known.contains(name)) {
      throw new IllegalArgumentException(
          property + ": expected one of " + known + ", got '" + name + "'.");
    }
    if (!name.equals("auto")) {
      chosen.forEach(provider -> require(property, provider));
    }
    chosen.sort(Comparator.comparingInt(OptionalProvider::preference).reversed());
    return chosen;
  }

  private static void require(String property, OptionalProvider provider) {
    List<String> reasons = provider.unavailable();
    if (!reasons.isEmpty()) {
      throw new IllegalStateException(
          property
              + ": "
              + provider.name()
              + " cannot run here: "
              + String.join("; ", reasons)
              + ". Choose java or auto.");
    }
  }
}
