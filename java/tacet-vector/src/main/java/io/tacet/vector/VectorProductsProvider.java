package io.tacet.vector;

import io.tacet.spi.TileProducts;
import io.tacet.spi.TileProductsProvider;
import java.util.List;

/** Offers products by the Vector API to the java backend, where the JVM was started with it. */
public final class VectorProductsProvider implements TileProductsProvider {
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
  public TileProducts open(int workers) {
    return new VectorProducts(workers);
  }
}
