package io.tacet.vector;

import io.tacet.spi.VectorLoops;
import io.tacet.spi.VectorLoopsProvider;
import java.util.List;

/** Offers loops by the Vector API to the java backend, where the JVM was started with it. */
public final class GateLoopsProvider implements VectorLoopsProvider {
  @Override
  public String name() {
    return VectorApi.NAME;
  }

  @Override
  public String description() {
    return VectorApi.description();
  }

  @Override
  public List<String> unavailable() {
    return VectorApi.unavailable();
  }

  @Override
  public VectorLoops open() {
    return new GateLoops();
  }
}
