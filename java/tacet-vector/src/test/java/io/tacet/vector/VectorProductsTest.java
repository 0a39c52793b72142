package io.tacet.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.dense.TileProductsConformance;
import io.tacet.spi.TileProductsProvider;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class VectorProductsTest extends TileProductsConformance {
  @Test
  void theProductsAreFoundAsAService() {
    assertThat(ServiceLoader.load(TileProductsProvider.class))
        .singleElement()
        .satisfies(provider -> assertThat(provider.name()).isEqualTo("vector"))
        .satisfies(provider -> assertThat(provider.unavailable()).isEmpty());
  }
}
