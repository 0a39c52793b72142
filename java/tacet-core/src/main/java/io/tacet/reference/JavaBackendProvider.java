package io.tacet.reference;

import io.tacet.Backend;
import io.tacet.spi.BackendProvider;
import java.util.List;

/** Offers the java backend, which is always available. */
public final class JavaBackendProvider implements BackendProvider {
  @Override
  public String name() {
    return "java";
  }

  @Override
  public int rank() {
    return 100;
  }

  @Override
  public boolean preferred() {
    return true;
  }

  @Override
  public List<String> unavailable() {
    return List.of();
  }

  @Override
  public Backend open() {
    return new JavaBackend();
  }

  @Override
  public Backend open(int threads) {
    return new JavaBackend(threads);
  }
}
