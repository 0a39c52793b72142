package io.tacet.cuda;

import io.tacet.Backend;
import io.tacet.spi.BackendProvider;
import java.util.List;

/**
 * Offers the {@code host} backend: the CUDA kernels executed on the CPU. Never chosen
 * automatically.
 */
public final class HostBackendProvider implements BackendProvider {
  @Override
  public String name() {
    return "host";
  }

  @Override
  public int rank() {
    return 200;
  }

  @Override
  public boolean preferred() {
    return false;
  }

  @Override
  public List<String> unavailable() {
    return Availability.host();
  }

  /** Uses {@code tacet.host.threads} processor threads, by default one. */
  @Override
  public Backend open() {
    return NativeBackend.host(
        HostExecution.DEFAULT.threads(Integer.getInteger("tacet.host.threads", 1)));
  }
}
