package io.tacet.reference.f64;

import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruState;

/** The arrays of a backward pass that belong to single samples; shared by all threads of a call. */
final class EgruErrorArrays {
  /** dL/do of each unit, zeros if none was given. */
  final double[] rate;

  private final int units;
  private final EgruRows y;
  private final EgruRows trace;
  private final double[] lastY;
  private final double[] lastH;
  private final double[] firstY;
  private final double[] firstH;

  /**
   * @param initial where the adjoint before the first step goes, or null
   */
  EgruErrorArrays(EgruErrors errors, EgruState initial, EgruInputs in) {
    units = in.units();
    y = EgruRows.ofSteps(errors.y(), in);
    trace = EgruRows.ofSamples(errors.trace(), in);
    lastY = errors.last() == null ? null : Real.array(errors.last().y());
    lastH = errors.last() == null ? null : Real.array(errors.last().h());
    firstY = initial == null ? null : Real.array(initial.y());
    firstH = initial == null ? null : Real.array(initial.h());
    rate = errors.rate() == null ? new double[units] : Real.array(errors.rate());
  }

  /** Adjoint after a sample's last step; the arguments hold zeros before. */
  void atEnd(int n, double[] dy, double[] dh, double[] dtrace) {
    if (lastY != null) {
      System.arraycopy(lastY, n * units, dy, 0, units);
      System.arraycopy(lastH, n * units, dh, 0, units);
    }
    if (trace != null) {
      System.arraycopy(trace.values, trace.at(n), dtrace, 0, units);
    }
  }

  /** Whether the adjoint before the first step is wanted. */
  boolean keepsStart() {
    return firstY != null;
  }

  /** Adds what the loss says about the events of a step. */
  void addStep(int position, double[] dy, double[] scratch) {
    if (y != null) {
      System.arraycopy(y.values, y.at(position), scratch, 0, units);
      RowSums.addOne(scratch, 1, 0, units, dy);
    }
  }

  /** Keeps the adjoint before a sample's first step. */
  void atStart(int n, double[] dy, double[] dh) {
    if (firstY != null) {
      System.arraycopy(dy, 0, firstY, n * units, units);
      System.arraycopy(dh, 0, firstH, n * units, units);
    }
  }
}
