package io.tacet.cuda.internal;

import io.tacet.memory.DeviceArray;
import io.tacet.rewire.Companion;
import io.tacet.rewire.GradientFactors;
import io.tacet.rewire.RandomWalk;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.WeightLaw;
import io.tacet.spi.RewiringKernels;
import java.util.List;

/** Rewiring of libtacet; only a random walk waits for the device, for the number of marks. */
final class NativeRewiring implements RewiringKernels {
  private final NativeRuntime library;
  private final Workspace workspace;
  private final long stream;

  NativeRewiring(NativeRuntime library, Workspace workspace, long stream) {
    this.library = library;
    this.workspace = workspace;
    this.stream = stream;
  }

  @Override
  public void markSmallest(
      Wiring wiring, DeviceArray values, long count, boolean onlyMarked, DeviceArray marks) {
    long[] words = words(wiring);
    long[] bytes = new long[1];
    Calls.check(Tacet.tacet_rewire_mark_bytes(library.context(), words, bytes));
    workspace.reserve(1, samples -> bytes[0]);
    Calls.check(
        Tacet.tacet_rewire_mark(
            library.context(),
            words,
            values.address(),
            count,
            onlyMarked ? 1 : 0,
            marks.address(),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  @Override
  public long markCrossed(
      Wiring wiring,
      DeviceArray weights,
      DeviceArray signs,
      RandomWalk walk,
      long seed,
      int step,
      DeviceArray marks) {
    Calls.check(
        Tacet.tacet_rewire_walk(
            library.context(),
            words(wiring),
            weights.address(),
            signs.address(),
            (float) walk.drift(),
            (float) walk.noise(),
            seed,
            step,
            marks.address(),
            workspace.word(),
            stream));
    return workspace.readWord();
  }

  @Override
  public void findLargest(
      Wiring wiring, DeviceArray marks, GradientFactors factors, long count, DeviceArray found) {
    long[] words = words(wiring);
    long[] bytes = new long[1];
    Calls.check(Tacet.tacet_rewire_absent_bytes(library.context(), words, count, bytes));
    workspace.reserve(1, samples -> bytes[0]);
    Calls.check(
        Tacet.tacet_rewire_absent(
            library.context(),
            words,
            Words.address(marks),
            words(factors, wiring),
            count,
            found.address(),
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  @Override
  public void replace(
      Wiring wiring,
      List<Companion> companions,
      DeviceArray marks,
      long left,
      long grow,
      DeviceArray pairs,
      long seed,
      int step) {
    long[] words = words(wiring);
    long[] bytes = new long[1];
    Calls.check(
        Tacet.tacet_rewire_replace_bytes(library.context(), words, companions.size(), grow, bytes));
    workspace.reserve(1, samples -> bytes[0]);
    Calls.check(
        Tacet.tacet_rewire_replace(
            library.context(),
            words,
            words(companions),
            companions.size(),
            marks.address(),
            left,
            grow,
            Words.address(pairs),
            seed,
            step,
            workspace.address(),
            workspace.bytes(),
            stream));
  }

  /** {@code tacet_wiring}. */
  private static long[] words(Wiring wiring) {
    DeviceArray indices = wiring.pattern().indices();
    return new long[] {
      wiring.sources(),
      wiring.targets(),
      wiring.values(),
      wiring.repeated() ? 1 : 0,
      wiring.places(),
      wiring.pattern().rowOffsets().address(),
      indices.address(),
      indices.type().bytes()
    };
  }

  /** {@code tacet_factors}. */
  private static long[] words(GradientFactors factors, Wiring wiring) {
    return new long[] {
      factors.sent().address(),
      Words.address(factors.first()),
      factors.errors().address(),
      factors.pairs(wiring),
      factors.lag(),
      factors.parts(wiring)
    };
  }

  /** {@code tacet_companion}, one behind the other. */
  private static long[] words(List<Companion> companions) {
    long[] words = new long[Tacet.TACET_COMPANION_WORDS * companions.size()];
    int at = 0;
    for (Companion each : companions) {
      WeightLaw law = each.initial();
      words[at++] = each.array().address();
      words[at++] = Words.of(law.kind());
      words[at++] = Float.floatToRawIntBits(law.first());
      words[at++] = Float.floatToRawIntBits(law.second());
    }
    return words;
  }
}
