package io.tacet.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.Leaks;
import io.tacet.network.Direction;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.cells.EgruCell;
import io.tacet.onnx.OnnxRuntime.Numbers;
import io.tacet.onnx.internal.Onnx.ModelProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** GRU that cuts its sums, against ONNX Runtime. */
class ClipTest {
  private static final int STEPS = 9;
  private static final int BATCH = 3;
  private static final int CHANNELS = 4;

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static Stream<Arguments> layers() {
    List<Arguments> all = new ArrayList<>();
    for (EgruVariant variant : EgruVariant.values()) {
      for (Direction direction : Direction.values()) {
        for (double clip : new double[] {0.2, 0.7, 2.5}) {
          all.add(Arguments.of(variant, direction, clip));
        }
      }
    }
    return all.stream();
  }

  private static NetworkSpec spec(EgruVariant variant, Direction direction, double clip) {
    EgruOptions options = EgruOptions.defaults().withoutEvents().variant(variant).clip(clip);
    Egru egru = Egru.defaults().with(options).direction(direction);
    return NetworkSpec.builder().sequence(CHANNELS).egru(6, egru).readoutOfEveryStep(3).spec();
  }

  @ParameterizedTest
  @MethodSource("layers")
  void sumsAreCutWhereOnnxRuntimeCutsThem(EgruVariant variant, Direction direction, double clip) {
    float[] x = Networks.random(7, STEPS * BATCH * CHANNELS, 1.5);
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec(variant, direction, clip), 3);
        Network free = Network.build(java, spec(variant, direction, Double.POSITIVE_INFINITY), 3)) {
      Networks.scramble(network, 11);
      Networks.scramble(free, 11);
      ModelProto model = OnnxExport.model(network);
      float[] found = Networks.values(network, x, STEPS, BATCH);
      Numbers y =
          OnnxRuntime.run(model, Map.of("x", new Numbers(x, STEPS, BATCH, CHANNELS))).get("y");
      Networks.assertClose(found, y.values());
      assertThat(found).isNotEqualTo(Networks.values(free, x, STEPS, BATCH));
      try (Network back = Networks.read(java, model, folder)) {
        EgruCell.Spec cell = (EgruCell.Spec) back.spec().layers().get(0);
        assertThat(cell.egru().options().clip()).isEqualTo((float) clip);
        Networks.assertClose(Networks.values(back, x, STEPS, BATCH), found);
      }
    }
  }

  @Test
  void aScanHasNoClip() {
    Egru egru = Egru.defaults().with(EgruOptions.defaults().clip(0.5));
    NetworkSpec spec = NetworkSpec.builder().sequence(CHANNELS).egru(4, egru).readout(2).spec();
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec, 3)) {
      assertThatThrownBy(() -> OnnxExport.model(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("clip", "Scan", "0.5", "layer0");
    }
  }
}
