package io.tacet;

import io.tacet.spi.BackendProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the backends on the class path. {@link #best()} never fails: without a usable GPU it is the
 * pure-Java one.
 */
public final class Backends {
  private static final Pattern DEVICE = Pattern.compile("([a-z]+):([0-9]{1,4})");

  private Backends() {}

  /**
   * The availability of one backend on this machine.
   *
   * @param name the backend's name
   * @param reasons why it cannot be opened; empty when it can
   */
  public record Availability(String name, List<String> reasons) {
    /** Whether {@link Backends#open} will work. */
    public boolean available() {
      return reasons.isEmpty();
    }
  }

  /** The fastest backend available: {@code cuda} where there is a GPU, else {@code java}. */
  public static Backend best() {
    for (BackendProvider provider : providers()) {
      if (provider.preferred() && provider.unavailable().isEmpty()) {
        return provider.open();
      }
    }
    throw new IllegalStateException(
        "No backend is on the class path: expected at least io.tacet.reference.JavaBackendProvider;"
            + " a shaded jar must merge META-INF/services.");
  }

  /**
   * Opens a backend by name; {@code auto} means {@link #best()}, and {@code cuda:1} the GPU with
   * the ordinal 1.
   *
   * @throws IllegalArgumentException if there is no backend of that name, or it has no such devices
   * @throws BackendUnavailableException if it cannot run here, with all the reasons
   */
  public static Backend open(String name) {
    Matcher device = DEVICE.matcher(name);
    if (device.matches()) {
      return known(device.group(1)).openDevice(Integer.parseInt(device.group(2)));
    }
    return name.equals("auto") ? best() : provider(name).open();
  }

  /**
   * Opens a backend by name, but for {@code auto}, with a number of threads: those of the java
   * backend, for independent work on several backends at once; others open as always.
   *
   * @param threads at least 1
   * @throws IllegalArgumentException if there is no backend of that name
   * @throws BackendUnavailableException if it cannot run here, with all the reasons
   */
  public static Backend open(String name, int threads) {
    return provider(name).open(threads);
  }

  private static BackendProvider provider(String name) {
    BackendProvider provider = known(name);
    List<String> reasons = provider.unavailable();
    if (!reasons.isEmpty()) {
      throw new BackendUnavailableException(name, reasons);
    }
    return provider;
  }

  private static BackendProvider known(String name) {
    List<String> known = new ArrayList<>();
    for (BackendProvider provider : providers()) {
      if (provider.name().equals(name)) {
        return provider;
      }
      known.add(provider.name());
    }
    throw new IllegalArgumentException(
        "backend: expected one of " + known + " or auto, got '" + name + "'.");
  }

  /** All backends on the class path with the reasons of those that cannot run. */
  public static List<Availability> all() {
    return providers().stream()
        .map(p -> new Availability(p.name(), List.copyOf(p.unavailable())))
        .toList();
  }

  private static List<BackendProvider> providers() {
    List<BackendProvider> found = new ArrayList<>();
    ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).forEach(found::add);
    found.sort(Comparator.comparingInt(BackendProvider::rank));
    return found;
  }
}
