package io.tacet.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.egru.EgruOptions;
import io.tacet.memory.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultiplyAddsTest {
  private static final RecurrentSpec SPEC =
      new RecurrentSpec(
          50,
          true,
          10,
          List.of(20, 10),
          50,
          true,
          true,
          true,
          0.3,
          DType.FLOAT32,
          EgruOptions.defaults());

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
}
