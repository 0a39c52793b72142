package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.network.cells.LinearReadout;
import io.tacet.network.cells.LinearReadout.Reads;
import org.junit.jupiter.api.Test;

/**
 * What the builder refuses: layers that do not take what is below them, synapses without kernel.
 */
class LayersThatFitTest {
  private static final Lif LIF = Lif.tau(20, 5);
  private static final Weights WEIGHTS = Weights.normal(1, 0.5);

  private static NetworkBuilder on() {
    return NetworkSpec.builder();
  }

  private static void refused(NetworkBuilder builder, String... parts) {
    assertThatThrownBy(builder::spec)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts)
        .hasMessageEndingWith(".");
  }

  @Test
  void layersRefuseWhatTheyDoNotTakeAndNameWhatTheyDo() {
    refused(on().sequence(3).lif(4, LIF, WEIGHTS), ".lif", ".spikes(n)", "got steps");
    refused(on().spikes(3).bin(5).lif(4, LIF, WEIGHTS), ".lif", ".spikes(n)", "got steps");
    refused(on().tokens(3).lif(4, LIF, WEIGHTS), ".lif", ".spikes(n)", "got tokens");
    refused(on().sequence(3).egru(4).lif(4, LIF, WEIGHTS), ".lif", "got steps");
    refused(on().spikes(3).egru(4).readout(2), ".egru", ".bin(steps)", "got event times");
    refused(on().spikes(3).gru(4).readout(2), ".gru", ".bin(steps)", "got event times");
    refused(on().spikes(3).lif(4, LIF, WEIGHTS).readout(2), ".readout", "steps", "got event times");
    refused(
        on().sequence(3).egru(4).readout(2, 20, 5, WEIGHTS, Reduction.MAX),
        ".readout(outputs, tauMem, tauSyn",
        "event times",
        "got steps");
    refused(on().sequence(3).embedding(4).egru(4).readout(2), ".embedding", "got steps");
    refused(on().tokens(9).readout(2), ".readout", "steps", "got tokens");
    refused(on().sequence(3).egru(4).readout(2).readout(2), ".readout", "got values");
    refused(on().sequence(3).egru(4).readout(2).egru(2), ".egru", "got values");
  }

  @Test
  void aNetworkWithoutInputOrLayersIsRefused() {
    for (NetworkBuilder builder :
        new NetworkBuilder[] {on(), on().spikes(3), on().egru(3), on().sequence(3)}) {
      assertThatThrownBy(builder::spec)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("input", "at least one layer");
    }
    assertThatThrownBy(() -> on().spikes(3).sequence(3))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("input", "second");
    assertThatThrownBy(() -> on().sequence(3).bin(5))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("bin", ".spikes(channels)");
    assertThatThrownBy(() -> on().sequence(3).egru(4).nextToken(false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("nextToken", ".tokens(vocabulary)");
    assertThatThrownBy(() -> on().sequence(3).egru(4).readout(2).build(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("build", "Network.on(backend)");
  }

  @Test
  void numbersOutOfRangeAreNamed() {
    assertThatThrownBy(() -> on().spikes(0)).hasMessageContainingAll("channels", "0");
    assertThatThrownBy(() -> on().sequence(-1)).hasMessageContainingAll("channels", "-1");
    assertThatThrownBy(() -> on().tokens(0)).hasMessageContainingAll("tokens", "vocabulary", "0");
    assertThatThrownBy(() -> on().spikes(3).bin(0)).hasMessageContainingAll("bin", "0");
    assertThatThrownBy(() -> on().tokens(3).embedding(-2))
        .hasMessageContainingAll("embedding", "-2");
    assertThatThrownBy(() -> on().sequence(3).egru(0)).hasMessageContainingAll("units", "0");
    assertThatThrownBy(() -> on().spikes(3).lif(-4, LIF, WEIGHTS))
        .hasMessageContainingAll("neurons", "-4");
    assertThatThrownBy(() -> on().sequence(3).egru(2).readout(0))
        .hasMessageContainingAll("outputs", "0");
    assertThatThrownBy(() -> on().spikes(3).duration(-1).lif(2, LIF, WEIGHTS).spec())
        .hasMessageContainingAll("duration", "-1");
    assertThatThrownBy(() -> on().spikes(3).duration(Double.NaN).lif(2, LIF, WEIGHTS).spec())
        .hasMessageContainingAll("duration", "NaN");
    assertThatThrownBy(() -> on().spikes(3).readout(2, -20, 5, WEIGHTS, Reduction.MAX).spec())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("tauMem", "-20");
  }

  @Test
  void synapsesWithoutAKernelAreRefusedWithThoseThatHaveOne() {
    for (Connection connection :
        new Connection[] {
          Connection.sparse(0.5), Connection.fanOut(2, WEIGHTS), Connection.dense().delays(0, 2)
        }) {
      if (connection.kind() != Connection.Kind.CSR) {
        assertThatThrownBy(
                () -> on().sequence(3).egru(4, Egru.defaults(), connection, Connection.dense()))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContainingAll("input", "dense", ".egru", "Layers of .lif(...)");
      }
      assertThatThrownBy(
              () -> on().sequence(3).egru(4, Egru.defaults(), Connection.dense(), connection))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("recurrent", "dense", ".egru", "Layers of .lif(...)");
    }
    assertThatThrownBy(() -> on().spikes(3).lif(4, LIF, Connection.dense()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("input", "initial weights");
  }

  @Test
  void aTiedReadoutWithoutATableOfItsShapeIsRefused() {
    refused(on().tokens(9).embedding(5).gru(4).nextToken(true), "tied", "4 columns", "columns=5");
    refused(on().tokens(9).gru(4).nextToken(true), "tied", "an embedding of 4 columns");
    refused(
        on().tokens(9).embedding(4).gru(4).layer(new LinearReadout.Spec(8, Reads.EVERY_STEP, true)),
        "tied",
        "as many outputs as tokens",
        "8 outputs");
    on().tokens(9).embedding(4).gru(4).nextToken(true).spec();
  }

  @Test
  void moreTargetsThanNeuronsAreRefused() {
    Connection five = Connection.fanOut(5, WEIGHTS);
    assertThatThrownBy(() -> on().spikes(3).lif(4, LIF, five))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("input", "fanOut", "at most 4", "5");
    assertThatThrownBy(() -> on().spikes(3).lif(4, LIF, Connection.dense(WEIGHTS), five))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("recurrent", "fanOut", "at most 4", "5");
  }
}
