package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.dense.Activation;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultiplyAddsTest {
  private static final NetworkSpec SPEC =
      NetworkSpec.builder().tokens(50).embedding(10).egru(20).egru(10).nextToken(true).spec();

  @Test
  void eachProductCostsTheActivityOfTheLayerThatItReads() {
    MultiplyAdds work = MultiplyAdds.of(SPEC, List.of(0.5, 0.1));
    assertThat(work.dense()).isEqualTo(10 * 60 + 20 * 60 + 20 * 30 + 10 * 30 + 10 * 50);
    assertThat(work.event())
        .isEqualTo(10 * 60 + 0.5 * 20 * 60 + 0.5 * 20 * 30 + 0.1 * 10 * 30 + 0.1 * 10 * 50);
  }

  @Test
  void anActivityForEachLayerIsNeeded() {
    assertThatThrownBy(() -> MultiplyAdds.of(SPEC, List.of(0.5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("activities", "2 layers", "[0.5]");
  }

  @Test
  void unitsWithoutEventsCostTheirWholeProducts() {
    NetworkSpec plain =
        NetworkSpec.builder()
            .sequence(3)
            .egru(20)
            .rnn(10, Activation.TANH)
            .dense(7, Activation.RELU)
            .readout(2)
            .spec();
    MultiplyAdds work = MultiplyAdds.of(plain, List.of(0.1));
    double egru = 3 * 60 + 20 * 60;
    assertThat(work.dense()).isEqualTo(egru + 20 * 10 + 10 * 10 + 10 * 7);
    assertThat(work.event()).isEqualTo(3 * 60 + 0.1 * 20 * 60 + 0.1 * 20 * 10 + 10 * 10 + 10 * 7);
  }

  @Test
  void sparseInputsCostTheirSynapses() {
    NetworkSpec sparse =
        NetworkSpec.builder()
            .sequence(8)
            .egru(20, Egru.defaults(), Connection.sparse(0.25), Connection.dense())
            .readout(2)
            .spec();
    assertThat(MultiplyAdds.of(sparse, List.of(0.5)).dense()).isEqualTo(2 * 60 + 20 * 60);
  }
}
