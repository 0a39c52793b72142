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
import java.util.function.LongUnaryOperator;

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
  private final Pending pending;

  /** Whose arrays follow those of arguments. */
  private final int replicas;

  /** Capacity for arrivals per neuron that has been sufficient so far. */
  private static final class Pending {
    private int capacity = FIRST_PENDING;
  }

  NativeEventProp(NativeRuntime library, Workspace workspace, long stream) {
    this(library, workspace, stream, new Pending(), 1);
  }

  private NativeEventProp(
      NativeRuntime library, Workspace workspace, long stream, Pending pending, int replicas) {
    this.library = library;
    this.workspace = workspace;
    this.stream = stream;
    this.pending = pending;
    this.replicas = replicas;
  }

  @Override
  public EventPropKernels ofReplicas(int replicas) {
    return replicas == this.replicas
        ? this
        : new NativeEventProp(library, workspace, stream, pending, replicas);
  }

  private long[] synapses(Synapses synapses, long longest) {
    return Words.synapses(synapses, longest, replicas);
  }

  private long[] events(Spikes spikes) {
    return Words.events(spikes, replicas);
  }

  private void reserve(int batch, LongUnaryOperator bytesOf) {
    workspace.reserve(replicas, batch, bytesOf);
  }

  @Override
  public void exactForward(LifLayer layer, Spikes input, Spikes output) {
    boolean queued =
        layer.recurrent() != null
            || (layer.input().delays() != null
                && layer.input().delays().kind() == Delays.Kind.PER_SYNAPSE);
    long[] in = synapses(layer.input(), queued ? longest(layer.input()) : 0);
    long[] recurrent = synapses(layer.recurrent(), 0);
    long[] lif = Words.lif(layer.lif());
    long[] variant = Words.variant(layer.variant());
    long[] from = events(input);
    long[] to = events(output);
    int most = layer.mostSpikes(Simulator.exact(), output);
    do {
      reserve(
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
                context, in, recurrent, lif, from, to, pending.capacity, samples, bytes)
            : Tacet.tacet_variant_forward_bytes(
                context, in, recurrent, lif, variant, from, to, pending.capacity, samples, bytes));
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
                context,
                in,
                recurrent,
                lif,
                duration,
                from,
                to,
                most,
                pending.capacity,
                word,
                room,
                bytes,
                stream)
            : Tacet.tacet_variant_forward(
                context,
                in,
                recurrent,
                lif,
                variant,
                duration,
                from,
                to,
                most,
                pending.capacity,
                word,
                room,
                bytes,
                stream));
  }

  private boolean overflowed() {
    if (workspace.readWord() == 0) {
      return false;
    }
    pending.capacity = Math.multiplyExact(pending.capacity, 2);
    return true;
  }

  @Override
  public void exactBackward(
      LifLayer layer, Spikes input, Spikes output, LayerGradients gradients, DeviceArray kick) {
    long[] in = synapses(layer.input(), longest(layer.input()));
    long[] recurrent =
        layer.recurrent() == null ? null : synapses(layer.recurrent(), longest(layer.recurrent()));
    long[] lif = Words.lif(layer.lif());
    long[] from = events(input);
    long[] to = events(output);
    long[] wanted = Words.gradients(gradients);
    if (layer.variant() != null) {
      long[] variant = Words.variant(layer.variant());
      long[] more = Words.gradients(gradients.variant());
      variantBackward(
          layer, input.batch(), in, recurrent, lif, variant, from, to, wanted, more, kick);
      return;
    }
    long context = library.context();
    reserve(
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
    reserve(
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

  @Override
  public void meanPotentials(LifLayer layer, Spikes input, Spikes output, DeviceArray means) {
    potentials(layer, input, output, means, null);
  }

  @Override
  public void meanPotentialsBackward(
      LifLayer layer, Spikes input, Spikes output, DeviceArray errors, LayerGradients gradients) {
    potentials(layer, input, output, errors, gradients);
  }

  /**
   * @param means written; with gradients dL/dmean
   */
  private void potentials(
      LifLayer layer, Spikes input, Spikes output, DeviceArray means, LayerGradients gradients) {
    long[] in = synapses(layer.input(), longest(layer.input()));
    long[] recurrent =
        layer.recurrent() == null ? null : synapses(layer.recurrent(), longest(layer.recurrent()));
    long[] lif = Words.lif(layer.lif());
    long[] variant = Words.variant(layer.variant());
    long[] from = events(input);
    long[] to = events(output);
    long[] wanted = gradients == null ? null : Words.gradients(gradients);
    long[] more = gradients == null ? null : Words.gradients(gradients.variant());
    long context = library.context();
    reserve(
        input.batch(),
        samples -> {
          long[] bytes = new long[1];
          Calls.check(
              Tacet.tacet_mean_potentials_bytes(
                  context, in, recurrent, lif, variant, from, to, wanted, more, samples, bytes));
          return bytes[0];
        });
    long room = workspace.address();
    long size = workspace.bytes();
    double duration = layer.duration();
    Calls.check(
        gradients == null
            ? Tacet.tacet_mean_potentials(
                context,
                in,
                recurrent,
                lif,
                variant,
                duration,
                from,
                to,
                means.address(),
                room,
                size,
                stream)
            : Tacet.tacet_mean_potentials_backward(
                context,
                in,
                recurrent,
                lif,
                variant,
                duration,
                from,
                to,
                means.address(),
                wanted,
                more,
                room,
                size,
                stream));
  }

  private long longest(Synapses synapses) {
    return longestRow(synapses, replicas, library, workspace, stream);
  }

  /** Length of the longest row; waits for the device where rows are compressed. */
  static long longestRow(
      Synapses synapses, NativeRuntime library, Workspace workspace, long stream) {
    return longestRow(synapses, 1, library, workspace, stream);
  }

  private static long longestRow(
      Synapses synapses, int replicas, NativeRuntime library, Workspace workspace, long stream) {
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
            // From the end of the offsets of a replica to the next is less than nothing.
            replicas * (csr.sources() + 1L) - 1,
            workspace.word(),
            stream));
    return workspace.readWord();
  }

  @Override
  public void readoutForward(
      ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray peakTimes) {
    long[] in = synapses(layer.input(), 0);
    long[] from = events(input);
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
    long[] in = synapses(layer.input(), longest(layer.input()));
    long[] from = events(input);
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
    reserve(
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
            replicas,
            events(output),
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
    int batch = Math.toIntExact(labels.length());
    Calls.check(
        Tacet.tacet_cross_entropy(
            library.context(),
            values.address(),
            labels.address(),
            Math.multiplyExact(batch, replicas),
            (int) (values.length() / batch),
            replicas,
            valueErrors.address(),
            losses.address(),
            predicted.address(),
            stream));
  }
}
