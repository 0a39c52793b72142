package io.tacet.spi;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Service by which the java backend finds something that it can do without. Constructing a provider
 * must be cheap and never fail.
 */
public interface OptionalProvider {

  /** Name by which users ask for it. */
  String name();

  /** What it is and its version, such as {@code OpenBLAS 0.3.31}. */
  String description();

  /** Every reason why it cannot run here, each a phrase without a final stop; empty if it can. */
  List<String> unavailable();

  /** Of several that can run, the one with the highest is taken. */
  default int preference() {
    return 0;
  }

  /** The one that is taken unless a property names another; empty where none can run. */
  static <P extends OptionalProvider> Optional<P> taken(Class<P> type) {
    return ServiceLoader.load(type).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.unavailable().isEmpty())
        .max(Comparator.comparingInt(OptionalProvider::preference));
  }
}
