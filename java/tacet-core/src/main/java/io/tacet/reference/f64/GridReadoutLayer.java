package io.tacet.reference.f64;

import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.TimeGrid;
import io.tacet.reference.Propagator;
import java.util.Arrays;

/** A read-out layer on a time grid. */
final class GridReadoutLayer {
  final Rows rows;
  final TimeGrid grid;
  final int steps;
  final ReadoutLayer.Reduction reduction;
  final double tauMem;

  /** tau_s, once per output. */
  final double[] tauSyn;

  final double alpha;
  final double beta;
  final double gamma;
  final double adjointGamma;
  private final double dt;

  GridReadoutLayer(ReadoutLayer layer, TimeGrid grid) {
    this.grid = grid;
    rows = Rows.of(layer.input());
    steps = grid.steps(layer.duration());
    reduction = layer.reduction();
    dt = Real.of(grid.dt());
    tauMem = Real.array(layer.tauMem())[0];
    tauSyn = new double[rows.targets];
    Arrays.fill(tauSyn, Real.array(layer.tauSyn())[0]);
    Propagator p = Propagator.of(tauMem, tauSyn[0], grid.dt());
    alpha = Real.of(p.alpha());
    beta = Real.of(p.beta());
    gamma = Real.of(p.gamma());
    adjointGamma = Real.of(p.gamma() * tauMem / tauSyn[0]);
  }

  /** What V at a step counts in the read-out; not for MAX. */
  double share(int step) {
    double part = (double) step / steps;
    return switch (reduction) {
      case SUM -> dt;
      case EXPONENTIAL -> Real.exp(-part) / steps;
      default -> 1.0 / steps;
    };
  }
}
