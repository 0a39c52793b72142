package io.tacet.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.fuzz.FileTarget;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.NetworkSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.provider.MethodSource;

/** Models of ONNX get any bytes, see {@link FileTarget}. */
class OnnxFuzzTest {
  private static final Backend JAVA = Backends.open("java");
  private static final FileTarget MODEL =
      FileTarget.of(file -> OnnxImport.read(JAVA, file), OnnxFuzzTest::models);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static List<byte[]> models() {
    Connection dense = Connection.dense();
    Egru plain = Egru.defaults().with(EgruOptions.defaults().withoutEvents());
    List<NetworkBuilder> builders =
        List.of(
            NetworkSpec.builder().sequence(3).egru(2, Egru.defaults()).readout(2),
            NetworkSpec.builder().sequence(3).egru(2, plain.bothDirections()).readout(2),
            NetworkSpec.builder().sequence(2).rnn(2, Activation.TANH, dense, dense).readout(2),
            NetworkSpec.builder().tokens(4).embedding(2).egru(2, plain).nextToken(true));
    List<byte[]> all = new ArrayList<>();
    for (NetworkBuilder builder : builders) {
      try (Network network = Network.build(JAVA, builder.spec(), 3)) {
        all.add(OnnxExport.model(network).toByteArray());
      }
    }
    return all;
  }

  static Stream<byte[]> model() {
    return MODEL.seeds();
  }

  @MethodSource
  @FuzzTest
  void model(byte[] bytes) {
    MODEL.check(bytes);
  }
}
