package io.tacet.cuda.internal;

import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.Spikes;
import io.tacet.eventprop.TimeGrid;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Synapses;
import io.tacet.spi.GridKernels;

/**
 * The grid simulator of libtacet and its read-outs. A layer with delays waits once per pass for the
 * longest of them, which sizes the ring, and the adjoint of a read-out for the longest compressed
 * row; everything else is issued without waiting for the device. The property {@code
 * tacet.grid.tiles} sets how many blocks share a sample; 0, the default, chooses. {@link
 * LaunchSteps} bounds the steps of a launch.
 */
final class NativeGrid implements GridKernels {
  private final NativeRuntime library;
  private final Workspace workspace;
  private final long stream;

  NativeGrid(NativeRuntime library, Workspace workspace, long stream) {
    this.library = library;
    this.workspace = workspace;
    this.stream = stream;
  }

  @Override
  public void forward(LifLayer layer, TimeGrid grid, Spikes input, Spikes output) {
    Pass pass = new Pass(layer, grid, input, output);
    pass.reserve(null, null);
    long context = library.context();
    long room = workspace.address();
    long bytes = workspace.bytes();
    Calls.check(
        pass.variant == null
            ? Tacet.tacet_grid_forward(
                context,
                pass.in,
                pass.recurrent,
                pass.lif,
                pass.words,
                grid.dt(),
                pass.from,
                pass.to,
                room,
                bytes,
                stream)
            : Tacet.tacet_grid_variant_forward(
                context,
                pass.in,
                pass.recurrent,
                pass.lif,
                pass.variant,
                pass.words,
                grid.dt(),
                pass.from,
                pass.to,
                room,
                bytes,
                stream));
  }

  @Override
  public void backward(
      LifLayer layer,
      TimeGrid grid,
      Spikes input,
      Spikes output,
      LayerGradients gradients,
      DeviceArray kick) {
    Pass pass = new Pass(layer, grid, input, output);
    long[] wanted = Words.gradients(gradients);
    long[] more = Words.gradients(gradients.variant());
    pass.reserve(wanted, more);
    long context = library.context();
    long pushed = Words.address(kick);
    double least = layer.leastSlope();
    long room = workspace.address();
    long bytes = workspace.bytes();
    Calls.check(
        pass.variant == null
            ? Tacet.tacet_grid_backward(
                context,
                pass.in,
                pass.recurrent,
                pass.lif,
                pass.words,
                grid.dt(),
                pass.from,
                pass.to,
                wanted,
                pushed,
                least,
                room,
                bytes,
                stream)
            : Tacet.tacet_grid_variant_backward(
                context,
                pass.in,
                pass.recurrent,
                pass.lif,
                pass.variant,
                pass.words,
                grid.dt(),
                pass.from,
                pass.to,
                wanted,
                more,
                pushed,
                least,
                room,
                bytes,
                stream));
  }

  /** The structures of one pass. */
  private final class Pass {
    final long[] in;
    final long[] recurrent;
    final long[] lif;
    final long[] variant;
    final long[] words;
    final long[] from;
    final long[] to;

    Pass(LifLayer layer, TimeGrid grid, Spikes input, Spikes output) {
      in = Words.synapses(layer.input(), 0);
      recurrent = Words.synapses(layer.recurrent(), 0);
      lif = Words.lif(layer.lif());
      variant = Words.variant(layer.variant());
      from = Words.events(input);
      to = Words.events(output);
      int steps = grid.steps(layer.duration());
      int longestInput = longest("input", layer.input(), grid);
      long slots = 1L + Math.max(longestInput, longest("recurrent", layer.recurrent(), grid));
      words =
          new long[] {
            steps,
            Math.min(slots, steps + 1L),
            Integer.getInteger("tacet.grid.tiles", 0),
            layer.input().count(),
            layer.recurrent() == null ? 0 : layer.recurrent().count(),
            LaunchSteps.get()
          };
    }

    private int longest(String what, Synapses synapses, TimeGrid grid) {
      if (synapses == null || synapses.delays() == null) {
        return 0;
      }
      DeviceArray delays = synapses.delays().values();
      Calls.check(
          Tacet.tacet_grid_longest_delay(
              library.context(),
              delays.address(),
              delays.length(),
              grid.dt(),
              workspace.word(),
              stream));
      int longest = workspace.readWord();
      if (longest < 0) {
        synapses.delays().checkValues(what);
      }
      return longest;
    }

    void reserve(long[] wanted, long[] more) {
      long[] bytes = new long[1];
      long context = library.context();
      Calls.check(
          variant == null
              ? Tacet.tacet_grid_bytes(context, in, recurrent, lif, words, from, to, wanted, bytes)
              : Tacet.tacet_grid_variant_bytes(
                  context, in, recurrent, lif, variant, words, from, to, wanted, more, bytes));
      workspace.reserve(1, samples -> bytes[0]);
    }
  }

  @Override
  public void readoutForward(
      ReadoutLayer layer, TimeGrid grid, Spikes input, DeviceArray values, DeviceArray peakTimes) {
    ReadoutPass pass = new ReadoutPass(layer, grid, input, 0);
    pass.reserve(Tacet.TACET_GRID_READOUT_FORWARD, null);
    Calls.check(
        Tacet.tacet_grid_readout_forward(
            library.context(),
            pass.in,
            layer.tauMem().address(),
            layer.tauSyn().address(),
            NativeEventProp.reduction(layer),
            pass.steps,
            grid.dt(),
            pass.from,
            values.address(),
            Words.address(peakTimes),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  @Override
  public void readoutBackward(
      ReadoutLayer layer,
      TimeGrid grid,
      Spikes input,
      DeviceArray valueErrors,
      DeviceArray peakTimes,
      DeviceArray weights) {
    ReadoutPass pass = new ReadoutPass(layer, grid, input, longest(layer));
    pass.reserve(Tacet.TACET_GRID_READOUT_BACKWARD, weights);
    Calls.check(
        Tacet.tacet_grid_readout_backward(
            library.context(),
            pass.in,
            layer.tauMem().address(),
            layer.tauSyn().address(),
            NativeEventProp.reduction(layer),
            pass.steps,
            grid.dt(),
            pass.from,
            valueErrors.address(),
            Words.address(peakTimes),
            Words.address(weights),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  @Override
  public void crossEntropyOverTime(
      ReadoutLayer layer,
      TimeGrid grid,
      Spikes input,
      DeviceArray labels,
      DeviceArray losses,
      DeviceArray predicted,
      DeviceArray weights) {
    ReadoutPass pass = new ReadoutPass(layer, grid, input, longest(layer));
    pass.reserve(Tacet.TACET_GRID_CROSS_ENTROPY, weights);
    Calls.check(
        Tacet.tacet_grid_cross_entropy(
            library.context(),
            pass.in,
            layer.tauMem().address(),
            layer.tauSyn().address(),
            pass.steps,
            grid.dt(),
            pass.from,
            labels.address(),
            losses.address(),
            predicted.address(),
            Words.address(weights),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  /** Length of the longest row of a read-out, of which its adjoints keep records. */
  private long longest(ReadoutLayer layer) {
    return NativeEventProp.longestRow(layer.input(), library, workspace, stream);
  }

  /** The structures of one pass over a read-out. */
  private final class ReadoutPass {
    final long[] in;
    final long[] from;
    final long steps;
    private final int batch;

    ReadoutPass(ReadoutLayer layer, TimeGrid grid, Spikes input, long longest) {
      in = Words.synapses(layer.input(), longest);
      from = Words.events(input);
      steps = grid.steps(layer.duration());
      batch = input.batch();
    }

    void reserve(int pass, DeviceArray weights) {
      workspace.reserve(
          batch,
          samples -> {
            long[] bytes = new long[1];
            Calls.check(
                Tacet.tacet_grid_readout_bytes(
                    library.context(),
                    in,
                    steps,
                    from,
                    pass,
                    weights == null ? 0 : 1,
                    samples,
                    bytes));
            return bytes[0];
          });
    }
  }
}
