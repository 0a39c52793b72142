package io.tacet.reference.f64;

import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.Simulator;
import io.tacet.eventprop.Spikes;
import io.tacet.eventprop.TimeGrid;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;

/** EventProp on a time grid over a batch, all cores; results do not depend on the thread count. */
public final class GridReference {
  private final Workers workers;
  private final Parts parts;
  private final GridForward[] forwards;
  private final GridAdjoint[] adjoints;
  private final GridReadout[] readouts;

  public GridReference(Workers workers) {
    this.workers = workers;
    parts = new Parts(workers);
    forwards = new GridForward[workers.count()];
    adjoints = new GridAdjoint[workers.count()];
    readouts = new GridReadout[workers.count()];
    for (int w = 0; w < workers.count(); w++) {
      forwards[w] = new GridForward();
      adjoints[w] = new GridAdjoint(workers);
      readouts[w] = new GridReadout();
    }
  }

  /** See {@link io.tacet.spi.GridKernels#forward}. */
  public void forward(LifLayer lif, TimeGrid grid, Spikes input, Spikes output) {
    GridLayer layer = new GridLayer(lif, grid);
    Events in = new Events(input);
    Events out = new Events(output);
    out.mostSpikes = lif.mostSpikes(Simulator.grid(grid.dt()), output);
    int sources = lif.input().sources();
    workers.run(
        in.batch,
        (sample, worker) -> {
          int fault = in.fault(sample, sources);
          if (fault == 0) {
            forwards[worker].forward(layer, in, sample, out);
          } else {
            out.fail(sample, fault);
          }
        });
  }

  /** See {@link io.tacet.spi.GridKernels#backward}. */
  public void backward(
      LifLayer lif,
      TimeGrid grid,
      Spikes input,
      Spikes output,
      LayerGradients wanted,
      DeviceArray kickArray) {
    GridLayer layer = new GridLayer(lif, grid);
    Events in = new Events(input);
    in.require(lif.input().sources());
    Events out = new Events(output);
    double[] kick = kickArray == null ? null : Real.array(kickArray);
    parts.run(
        wanted,
        layer.layer.input,
        layer.layer.recurrent,
        lif.input().sources(),
        in.batch,
        (sample, worker, grads) -> {
          GridForward path = forwards[worker];
          if (grads.needsStates || layer.variant != null) {
            path.record(layer, in, sample);
          }
          adjoints[worker].backward(layer, in, out, sample, grads, kick, path);
        });
  }

  /** See {@link io.tacet.spi.GridKernels#readoutForward}. */
  public void readout(
      ReadoutLayer layer,
      TimeGrid grid,
      Spikes input,
      DeviceArray valueArray,
      DeviceArray peakTimeArray) {
    GridReadoutLayer onGrid = new GridReadoutLayer(layer, grid);
    Events in = new Events(input);
    in.require(layer.input().sources());
    double[] values = Real.array(valueArray);
    double[] peakTimes = peakTimeArray == null ? null : Real.array(peakTimeArray);
    workers.run(
        in.batch,
        (sample, worker) -> readouts[worker].forward(onGrid, in, sample, values, peakTimes));
  }

  /** See {@link io.tacet.spi.GridKernels#readoutBackward}. */
  public void readoutBackward(
      ReadoutLayer layer,
      TimeGrid grid,
      Spikes input,
      DeviceArray errorArray,
      DeviceArray peakTimeArray,
      DeviceArray weights) {
    GridReadoutLayer onGrid = new GridReadoutLayer(layer, grid);
    Events in = new Events(input);
    in.require(layer.input().sources());
    double[] errors = Real.array(errorArray);
    double[] peakTimes = peakTimeArray == null ? null : Real.array(peakTimeArray);
    parts.run(
        LayerGradients.weights(weights, null),
        onGrid.rows,
        null,
        layer.input().sources(),
        in.batch,
        (sample, worker, grads) ->
            readouts[worker].backward(onGrid, in, sample, errors, peakTimes, grads));
  }

  /** See {@link io.tacet.spi.GridKernels#crossEntropyOverTime}. */
  public void crossEntropyOverTime(
      ReadoutLayer layer,
      TimeGrid grid,
      Spikes input,
      DeviceArray labelArray,
      DeviceArray lossArray,
      DeviceArray predictedArray,
      DeviceArray weights) {
    GridReadoutLayer onGrid = new GridReadoutLayer(layer, grid);
    Events in = new Events(input);
    in.require(layer.input().sources());
    int[] labels = (int[]) labelArray.storage().heap();
    double[] losses = Real.array(lossArray);
    int[] predicted = (int[]) predictedArray.storage().heap();
    parts.run(
        LayerGradients.weights(weights, null),
        onGrid.rows,
        null,
        layer.input().sources(),
        in.batch,
        (sample, worker, grads) ->
            readouts[worker].crossEntropy(onGrid, in, sample, labels, losses, predicted, grads));
  }
}
