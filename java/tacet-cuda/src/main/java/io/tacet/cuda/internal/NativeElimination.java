package io.tacet.cuda.internal;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Events;
import io.tacet.sparse.SparsePattern;
import io.tacet.spi.EliminationKernels;

/** Elimination of libtacet; nothing here waits for the device. */
final class NativeElimination implements EliminationKernels {
  private final NativeRuntime library;
  private final long stream;

  NativeElimination(NativeRuntime library, long stream) {
    this.library = library;
    this.stream = stream;
  }

  @Override
  public void bind(SparsePattern pattern, DeviceArray bound) {
    Calls.check(
        Tacet.tacet_eliminate_bind(
            library.context(), Words.pattern(pattern), bound.address(), stream));
  }

  @Override
  public void vetoes(DeviceArray bound, int targets, Events silent, DeviceArray vetoes) {
    Calls.check(
        Tacet.tacet_eliminate_vetoes(
            library.context(),
            bound.address(),
            silent.sources(),
            targets,
            silent.bitmap().address(),
            silent.batch(),
            vetoes.address(),
            stream));
  }

  @Override
  public void candidates(DeviceArray bound, Events silent, Events candidates) {
    Calls.check(
        Tacet.tacet_eliminate_candidates(
            library.context(),
            bound.address(),
            silent.sources(),
            candidates.sources(),
            silent.bitmap().address(),
            silent.batch(),
            candidates.bitmap().address(),
            stream));
  }
}
