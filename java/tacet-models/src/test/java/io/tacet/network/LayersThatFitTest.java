package io.tacet.network;

import static io.tacet.dense.Activation.TANH;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.egru.EgruEngine;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.network.cells.LinearReadout;
import io.tacet.network.cells.LinearReadout.Reads;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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
    Connection delayed = Connection.sparse(0.5).delays(0, 2);
    Connection dense = Connection.dense();
    Egru egru = Egru.defaults();
    refused(() -> on().sequence(3).egru(4, egru, delayed, dense), "input", ".egru", ".lif(...)");
    refused(() -> on().sequence(3).egru(4, egru, dense, delayed), "recurrent", ".egru");
    refused(() -> on().sequence(3).rnn(4, TANH, dense, delayed), "recurrent", "delays", ".rnn");
    Connection gates = Connection.fanIn(2).separateGates();
    refused(() -> on().sequence(3).rnn(4, TANH, gates, dense), "input", "separateGates", ".rnn");
    refused(() -> on().sequence(3).rnn(4, TANH, dense, gates), "recurrent", "separateGates");
    refused(() -> on().sequence(3).dense(4, TANH, gates), "input", "separateGates", ".dense");
    refused(
        () -> on().spikes(3).lif(4, LIF, Connection.fanIn(2, WEIGHTS).separateGates()),
        "input",
        "separateGates",
        ".lif");
    refused(
        () -> on().sequence(3).egru(4, egru.engine(EgruEngine.PERSISTENT), dense, gates),
        "engine",
        "EVENT",
        "PERSISTENT");
    assertThatThrownBy(() -> on().spikes(3).lif(4, LIF, Connection.dense()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("input", "initial weights");
  }

  private static void refused(ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void synapsesThatDoNotFitTheirLayersAreRefused() {
    Connection dense = Connection.dense();
    Egru egru = Egru.defaults();
    refused(
        () -> on().sequence(3).egru(8, egru, Connection.fanIn(4), dense).spec(),
        "input",
        "fanIn of at most 3 sources",
        "got 4");
    refused(
        () -> on().sequence(3).rnn(8, TANH, dense, Connection.fanOut(9)), "recurrent", "at most 8");
    refused(
        () -> on().spikes(3).lif(8, LIF, Connection.fanIn(4, WEIGHTS)).spec(), "input", "got 4");
    Connection two = Connection.pattern(new int[] {0, 1, 2}, new int[] {1, 0});
    refused(() -> on().sequence(3).rnn(4, TANH, two, dense).spec(), "input", "3 sources", "of 2");
    refused(() -> on().sequence(3).egru(3, egru, dense, two), "recurrent", "3 sources");
    Connection far = Connection.pattern(new int[] {0, 1, 2}, new int[] {1, 7});
    refused(() -> on().sequence(3).egru(2, egru, dense, far), "recurrent", "below 2", "up to 7");
  }

  @Test
  void patternsThatAreNoneAreRefused() {
    refused(() -> Connection.pattern(new int[] {0, 2}, new int[] {1, 1}), "ascending", "got 1");
    refused(() -> Connection.pattern(new int[] {0, 3}, new int[] {0, 1}), "rowOffsets", "2");
    refused(() -> Connection.pattern(new int[] {0, 0}, new int[0]), "at least one synapse");
    refused(() -> Connection.edges(2, new int[][] {{2, 0}}, null), "edges", "below 2", "[2, 0]");
    refused(() -> Connection.edges(2, new int[][] {{1, 0}, {1, 0}}, null), "unique", "row 1");
    refused(() -> Connection.sparse(0), "density", "got 0");
    refused(() -> Connection.fanIn(0), "fanIn", "got 0");
    refused(() -> Connection.fanOut(0), "fanOut", "got 0");
    refused(() -> Connection.blocks(0.5, 0), "blockSize", "got 0");
    refused(() -> Connection.blocks(1.5, 2), "density", "got 1.5");
    refused(() -> Connection.dense().separateGates(), "separateGates", "DENSE");
    refused(
        () -> Connection.pattern(new int[] {0, 1}, new int[] {0}).separateGates(), "separateGates");
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
    assertThatThrownBy(() -> on().spikes(3).lif(4, LIF, five).spec())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("input", "fanOut", "at most 4", "5");
    assertThatThrownBy(() -> on().spikes(3).lif(4, LIF, Connection.dense(WEIGHTS), five))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("recurrent", "fanOut", "at most 4", "5");
  }
}
