package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Networks that spike without end, on the java backend. */
class RunawayTest {
  private static final SpikeLimit DEFAULT = null;

  private static void with(DType type, Consumer<RunawayCases> check) {
    try (JavaBackend java = new JavaBackend(2)) {
      // Many times what it takes where nothing else runs.
      Assertions.assertTimeoutPreemptively(
          Duration.ofMinutes(2), () -> check.accept(new RunawayCases(java, type)));
    }
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "FLOAT64"})
  void excitationThatFeedsItselfIsRefusedByTheDefault(DType type) {
    with(type, cases -> cases.excitationThatFeedsItself(DEFAULT, "more than"));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "FLOAT64"})
  void aNeuronThatNeverRestsIsRefusedByTheDefault(DType type) {
    with(type, cases -> cases.aNeuronThatNeverRests(DEFAULT, "more than 65536 spikes"));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "FLOAT64"})
  void aLimitStopsAtItsNumber(DType type) {
    with(type, RunawayCases::aLimitIsExact);
  }

  @Test
  void limitsAreNumbersOfSpikes() {
    assertThatThrownBy(() -> SpikeLimit.perSample(-1)).hasMessageContaining("perSample: expected");
    assertThatThrownBy(() -> SpikeLimit.perSample((1 << 24) + 1)).hasMessageContaining("perSample");
    assertThatThrownBy(() -> SpikeLimit.rate(Double.NaN)).hasMessageContaining("perNeuronAndMs");
    assertThatThrownBy(() -> SpikeLimit.rate(-1)).hasMessageContaining("got -1.0");
  }

  @Test
  void propertiesSetTheLimitOfAllLayers() {
    try {
      System.setProperty("tacet.spikes.sample", "7");
      System.setProperty("tacet.spikes.rate", "2.5");
      assertThat(SpikeLimit.standard()).isEqualTo(new SpikeLimit(7, 2.5));
      System.setProperty("tacet.spikes.sample", "many");
      assertThatThrownBy(SpikeLimit::standard)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("-Dtacet.spikes.sample: expected a number", "\"many\"");
      System.setProperty("tacet.spikes.sample", "0");
      assertThatThrownBy(SpikeLimit::standard).hasMessageContaining("above 0");
    } finally {
      System.clearProperty("tacet.spikes.sample");
      System.clearProperty("tacet.spikes.rate");
    }
    assertThat(SpikeLimit.standard()).isEqualTo(new SpikeLimit(0, 0));
  }

  @Test
  void onlyTheExactSimulatorIsChargedForArrivals() {
    int batch = 512;
    int neurons = 1000;
    Net net = new Net(1, neurons);
    net.limit = SpikeLimit.rate(1e9);
    try (JavaBackend java = new JavaBackend(1);
        Resources own = new Resources()) {
      Spikes output = own.own(Spikes.outputs(java, DType.FLOAT32, batch, 1));
      LifLayer feedForward = net.layer(java, DType.FLOAT32, own);
      net.recurrentLayout = Net.Layout.DENSE;
      net.recurrentWeights = new double[neurons * neurons];
      LifLayer recurrent = net.layer(java, DType.FLOAT32, own);
      int most = feedForward.mostSpikes(Simulator.grid(1), output);
      assertThat(most).isBetween(1025, SpikeLimit.MOST - 1);
      assertThat(most * (batch * 16L)).isLessThan(java.memory() / 2);
      assertThat(recurrent.mostSpikes(Simulator.grid(1), output)).isEqualTo(most);
      assertThat(feedForward.mostSpikes(Simulator.exact(), output)).isEqualTo(most);
      int queued = recurrent.mostSpikes(Simulator.exact(), output);
      // An arrival is a time, a synapse and a cause.
      assertThat(queued * (batch * 16L + neurons * 12L)).isLessThan(java.memory() / 2);
      assertThat(queued).isLessThan(most);
    }
  }
}
