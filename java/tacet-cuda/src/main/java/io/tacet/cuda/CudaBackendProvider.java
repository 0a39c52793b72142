package io.tacet.cuda;

import io.tacet.Backend;
import io.tacet.spi.BackendProvider;
import java.util.List;

/** Offers the {@code cuda} backend on the GPU with the ordinal {@code tacet.device}, default 0. */
public final class CudaBackendProvider implements BackendProvider {
  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public boolean preferred() {
    return true;
  }

  @Override
  public List<String> unavailable() {
    return Availability.configuredCuda();
  }

  @Override
  public Backend open() {
    return NativeBackend.cuda(Availability.configuredDevice());
  }

  @Override
  public Backend openDevice(int ordinal) {
    return NativeBackend.cuda(ordinal);
  }
}
