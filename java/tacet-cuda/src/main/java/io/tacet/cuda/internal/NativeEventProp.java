package io.tacet.cuda.internal;

import io.tacet.eventprop.FirstSpikeLoss;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.Simulator;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Delays;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.Synapses;
import io.tacet.spi.EventPropKernels;

/**
 * Exact EventProp of libtacet. Passes over feed-forward layers with dense rows are issued without
 * waiting for the device; recurrent ones wait for the flag that tells whether all arrivals of the
 * neurons fitted, and compressed rows for the length of the longest, if a pass keeps a record per
 * synaptic event.
 */
final class NativeEventProp implements EventPropKernels {
  private static final int FIRST_PENDING = 16;

  private final NativeRuntime library;
  private final Workspace workspace;
  private final long stream;

  /** Capacity for arrivals per neuron that has been sufficient so far. */
  private int pending = FIRST_PENDING;

  NativeEventProp(NativeRuntime library, Workspace workspace, long stream) {
    this.library = library;
    this.workspace = workspace;
    this.stream = stream;
  }

  @Override
  public void exactForward(LifLayer layer, Spikes input, Spikes output) {
    boolean queued =
        layer.recurrent() != null
            || (layer.input().delays() != null
                && layer.input().delays().kind() == Delays.Kind.PER_SYNAPSE);
    long[] in = Words.synapses(layer.input(), queued ? longest(layer.input()) : 0);
    long[] recurrent = Words.synapses(layer.recurrent(), 0);
    long[] lif = Words.lif(layer.lif());
    long[] variant = Words.variant(layer.variant());
    long[] from = Words.events(input);
    long[] to = Words.events(output);
    int most = layer.mostSpikes(Simulator.exact(), output);
    do {
      workspace.reserve(
          input.batch(), samples -> forwardBytes(in, recurrent, lif, variant, from, to, samples));
      forward(in, recurrent, lif, variant, layer.duration(), from, to, most);
    } while (recurrent != null && overflowed());
  }

  private long forwardBytes(
      long[] in,
      long[] recurrent,
      long[] lif,
      long[] variant,
      long[] from,
      long[] to,
      long samples) {
    long context = library.context();
    long[] bytes = new long[1];
    Calls.check(
        variant == null
            ? Tacet.tacet_exact_forward_bytes(
                context, in, recurrent, lif, from, to, pending, samples, bytes)
            : Tacet.tacet_variant_forward_bytes(
                context, in, recurrent, lif, variant, from, to, pending, samples, bytes));
    return bytes[0];
  }

  private void forward(
      long[] in,
      long[] recurrent,
      long[] lif,
      long[] variant,
      double duration,
      long[] from,
      long[] to,
      int most) {
    long context = library.context();
    long word = workspace.word();
    long room = workspace.address();
    long bytes = workspace.bytes();
    Calls.check(
        variant == null
            ? Tacet.tacet_exact_forward(
                context, in, recurrent, lif, duration, from, to, most, pending, word, room, bytes,
                stream)
            : Tacet.tacet_variant_forward(
                context, in, recurrent, lif, variant, duration, from, to, most, pending, word, room,
                bytes, stream));
  }

  private boolean overflowed() {
    if (workspace.readWord() == 0) {
      return false;
    }
    pending = Math.multiplyExact(pending, 2);
    return true;
  }

  @Override
  public void exactBackward(
      LifLayer layer, Spikes input, Spikes output, LayerGradients gradients, DeviceArray kick) {
    long[] in = Words.synapses(layer.input(), longest(layer.input()));
    long[] recurrent =
        layer.recurrent() == null
            ? null
            : Words.synapses(layer.recurrent(), longest(layer.recurrent()));
    long[] lif = Words.lif(layer.lif());
    long[] from = Words.events(input);
    long[] to = Words.events(output);
    long[] wanted = Words.gradients(gradients);
    if (layer.variant() != null) {
      long[] variant = Words.variant(layer.variant());
      long[] more = Words.gradients(gradients.variant());
      variantBackward(
          layer, input.batch(), in, recurrent, lif, variant, from, to, wanted, more, kick);
      return;
    }
    long context = library.context();
    workspace.reserve(
        input.batch(),
        samples -> {
          long[] bytes = new long[1];
          Calls.check(
              Tacet.tacet_exact_backward_bytes(
                  context, in, recurrent, lif, from, to, wanted, samples, bytes));
          return bytes[0];
        });
    Calls.check(
        Tacet.tacet_exact_backward(
            context,
            in,
            recurrent,
            lif,
            layer.duration(),
            from,
            to,
            wanted,
            Words.address(kick),
            layer.leastSlope(),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  private void variantBackward(
      LifLayer layer,
      int batch,
      long[] in,
      long[] recurrent,
      long[] lif,
      long[] variant,
      long[] from,
      long[] to,
      long[] wanted,
      long[] more,
      DeviceArray kick) {
    long context = library.context();
    workspace.reserve(
        batch,
        samples -> {
          long[] bytes = new long[1];
          Calls.check(
              Tacet.tacet_variant_backward_bytes(
                  context, in, recurrent, lif, variant, from, to, wanted, more, samples, bytes));
          return bytes[0];
        });
    Calls.check(
        Tacet.tacet_variant_backward(
            context,
            in,
            recurrent,
            lif,
            variant,
            layer.duration(),
            from,
            to,
            wanted,
            more,
            Words.address(kick),
            layer.leastSlope(),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  private long longest(Synapses synapses) {
    return longestRow(synapses, library, workspace, stream);
  }

  /** Length of the longest row; waits for the device where rows are compressed. */
  static long longestRow(
      Synapses synapses, NativeRuntime library, Workspace workspace, long stream) {
    if (synapses instanceof FixedFanOutSynapses fixed) {
      return fixed.fanOut();
    }
    if (!(synapses instanceof CsrSynapses csr)) {
      return synapses.targets();
    }
    Calls.check(
        Tacet.tacet_longest_row(
            library.context(),
            csr.rowOffsets().address(),
            csr.sources(),
            workspace.word(),
            stream));
    return workspace.readWord();
  }

  @Override
  public void readoutForward(
      ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray peakTimes) {
    long[] in = Words.synapses(layer.input(), 0);
    long[] from = Words.events(input);
    reserveReadout(in, from, input.batch(), 0, 0);
    Calls.check(
        Tacet.tacet_readout_forward(
            library.context(),
            in,
            layer.tauMem().address(),
            layer.tauSyn().address(),
            layer.duration(),
            reduction(layer),
            from,
            values.address(),
            Words.address(peakTimes),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  @Override
  public void readoutBackward(
      ReadoutLayer layer,
      Spikes input,
      DeviceArray valueErrors,
      DeviceArray peakTimes,
      DeviceArray weights) {
    long[] in = Words.synapses(layer.input(), longest(layer.input()));
    long[] from = Words.events(input);
    reserveReadout(in, from, input.batch(), 1, weights == null ? 0 : 1);
    Calls.check(
        Tacet.tacet_readout_backward(
            library.context(),
            in,
            layer.tauMem().address(),
            layer.tauSyn().address(),
            layer.duration(),
            reduction(layer),
            from,
            valueErrors.address(),
            Words.address(peakTimes),
            Words.address(weights),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  static int reduction(ReadoutLayer layer) {
    return switch (layer.reduction()) {
      case MAX -> Tacet.TACET_READ_MAX;
      case SUM -> Tacet.TACET_READ_SUM;
      case MEAN -> Tacet.TACET_READ_MEAN;
      case EXPONENTIAL -> Tacet.TACET_READ_EXPONENTIAL;
    };
  }

  private void reserveReadout(long[] in, long[] from, int batch, int backward, int weights) {
    workspace.reserve(
        batch,
        samples -> {
          long[] bytes = new long[1];
          Calls.check(
              Tacet.tacet_readout_bytes(
                  library.context(), in, from, backward, weights, samples, bytes));
          return bytes[0];
        });
  }

  @Override
  public void firstSpikeLoss(
      FirstSpikeLoss loss,
      Spikes output,
      DeviceArray labels,
      int classes,
      double duration,
      DeviceArray losses,
      DeviceArray predicted) {
    Calls.check(
        Tacet.tacet_first_spike_loss(
            library.context(),
            loss.tau0(),
            loss.tau1(),
            loss.alpha(),
            loss.skipSilentLabels() ? 1 : 0,
            duration,
            classes,
            Words.events(output),
            labels.address(),
            losses.address(),
            predicted.address(),
            stream));
  }

  @Override
  public void crossEntropy(
      DeviceArray values,
      DeviceArray labels,
      DeviceArray valueErrors,
      DeviceArray losses,
      DeviceArray predicted) {
    int batch = (int) labels.length();
    Calls.check(
        Tacet.tacet_cross_entropy(
            library.context(),
            values.address(),
            labels.address(),
            batch,
            (int) (values.length() / batch),
            valueErrors.address(),
            losses.address(),
            predicted.address(),
            stream));
  }
}
