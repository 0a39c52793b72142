package io.tacet.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.files.FileFormatException;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkFormatsTest {
  private static final NetworkSpec SPEC =
      NetworkSpec.builder().sequence(3).egru(4).readout(2).spec();

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  void aFormatIsChosenByTheEndingInAnyCase() {
    assertThat(NetworkFormats.of("file", Path.of("a.NPZ"))).isInstanceOf(ArraysFormat.class);
    assertThatThrownBy(() -> NetworkFormats.of("--out", Path.of("weights.pt")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("--out", ".npz", ".safetensors", "'weights.pt'");
  }

  @Test
  void weightsReturnAsTheyWere() throws IOException {
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, SPEC, 7)) {
      for (String name : new String[] {"w.npz", "w.safetensors"}) {
        Path file = folder.resolve(name);
        NetworkFormat format = NetworkFormats.of("file", file);
        assertThat(format.write(network, file)).isEqualTo("7 arrays");
        try (Network back = format.read(java, file, SPEC)) {
          assertSame(network, back);
        }
      }
    }
  }

  private static void assertSame(Network network, Network back) throws IOException {
    NamedArrays weights = back.weights();
    assertThat(weights.names()).isEqualTo(network.arrays().keySet());
    for (String name : weights.names()) {
      assertThat(weights.floats(name)).isEqualTo(network.arrays().get(name).toFloats());
    }
  }

  @Test
  void onlySafetensorsNeedNoStructure() throws IOException {
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, SPEC, 7)) {
      NetworkFormat format = new ArraysFormat();
      Path described = folder.resolve("w.safetensors");
      format.write(network, described);
      try (Network back = format.read(java, described, null)) {
        assertThat(back.spec()).isEqualTo(SPEC);
        assertSame(network, back);
      }
      Path plain = folder.resolve("w.npz");
      format.write(network, plain);
      assertThatThrownBy(() -> format.read(java, plain, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("structure", "w.npz");
      NetworkSpec other = NetworkSpec.builder().sequence(3).egru(5).readout(2).spec();
      assertThatThrownBy(() -> format.read(java, plain, other))
          .isInstanceOf(FileFormatException.class)
          .hasMessageContaining("shape");
    }
  }
}
