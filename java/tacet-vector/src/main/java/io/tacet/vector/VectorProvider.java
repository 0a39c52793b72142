package io.tacet.vector;

import io.tacet.spi.VectorLoops;
import io.tacet.spi.VectorLoopsProvider;
import java.util.List;

/** Offers loops by the Vector API to the java backend, where the JVM was started with it. */
public final class VectorProvider implements VectorLoopsProvider {
  private static final String MODULE = "jdk.incubator.vector";

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public String description() {
    return "Vector API of Java " + Runtime.version().feature();
  }

  @Override
  public List<String> unavailable() {
    return ModuleLayer.boot().findModule(MODULE).isPresent()
        ? List.of()
        : List.of("the JVM was not started with --add-modules " + MODULE);
  }

  @Override
  public VectorLoops open() {
    return new Loops();
  }
}
