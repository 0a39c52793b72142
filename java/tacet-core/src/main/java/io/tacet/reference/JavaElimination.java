package io.tacet.reference;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Events;
import io.tacet.sparse.SparsePattern;
import io.tacet.spi.EliminationKernels;
import java.util.Arrays;

/**
 * Elimination over rows of bits. A task takes some words of all rows for one sample: candidates are
 * cleared 32 by one operation and a task ends when none is left, long before the last row; vetoes
 * are counted in {@link BitCounts}.
 */
final class JavaElimination implements EliminationKernels {
  /** Words of a task that looks for candidates: few, so that none of them is soon left. */
  private static final int CANDIDATE_WORDS = 64;

  /** Words of a task that counts: many, but so few that their counts stay in the nearest cache. */
  private static final int COUNTED_WORDS = 256;

  /** Rows between two looks at whether a candidate is left. */
  private static final int ROWS = 16;

  private final Workers workers;

  JavaElimination(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void bind(SparsePattern pattern, DeviceArray boundArray) {
    int[] offsets = (int[]) pattern.rowOffsets().storage().heap();
    Object indices = pattern.indices().storage().heap();
    short[] narrow = pattern.indices().type() == DType.UINT16 ? (short[]) indices : null;
    int[] wide = narrow == null ? (int[]) indices : null;
    int[] bound = (int[]) boundArray.storage().heap();
    int words = Events.words(pattern.targets());
    workers.run(
        pattern.sources(),
        (source, worker) -> {
          int row = source * words;
          Arrays.fill(bound, row, row + words, 0);
          for (int s = offsets[source]; s < offsets[source + 1]; s++) {
            int target = narrow == null ? wide[s] : Short.toUnsignedInt(narrow[s]);
            bound[row + target / 32] |= 1 << (target % 32);
          }
        });
  }

  /** What a task does with the words {@code first .. last - 1} of each row. */
  private interface Share {
    void of(int sample, int first, int last);
  }

  private void share(int batch, int words, int most, Share share) {
    int parts = (words + most - 1) / most;
    workers.run(
        Math.multiplyExact(batch, parts),
        (task, worker) -> {
          int first = task % parts * most;
          share.of(task / parts, first, Math.min(first + most, words));
        });
  }

  @Override
  public void vetoes(DeviceArray boundArray, int targets, Events silent, DeviceArray vetoArray) {
    int[] bound = (int[]) boundArray.storage().heap();
    int[] bits = (int[]) silent.bitmap().storage().heap();
    int[] vetoes = (int[]) vetoArray.storage().heap();
    int words = Events.words(targets);
    int sourceWords = Events.words(silent.sources());
    share(
        silent.batch(),
        words,
        COUNTED_WORDS,
        (sample, first, last) -> {
          BitCounts counts = new BitCounts(last - first);
          int[] rows = new int[4];
          int waiting = 0;
          for (int s = 0; s < sourceWords; s++) {
            for (int left = bits[sample * sourceWords + s]; left != 0; left &= left - 1) {
              rows[waiting++] = (s * 32 + Integer.numberOfTrailingZeros(left)) * words + first;
              if (waiting == rows.length) {
                counts.addFour(bound, rows[0], rows[1], rows[2], rows[3]);
                waiting = 0;
              }
            }
          }
          for (int r = 0; r < waiting; r++) {
            counts.addOne(bound, rows[r]);
          }
          counts.moveTo(vetoes, sample * targets + first * 32, targets - first * 32);
        });
  }

  @Override
  public void candidates(DeviceArray boundArray, Events silent, Events candidates) {
    int[] bound = (int[]) boundArray.storage().heap();
    int[] bits = (int[]) silent.bitmap().storage().heap();
    int[] found = (int[]) candidates.bitmap().storage().heap();
    int targets = candidates.sources();
    int words = Events.words(targets);
    int sourceWords = Events.words(silent.sources());
    share(
        silent.batch(),
        words,
        CANDIDATE_WORDS,
        (sample, first, last) -> {
          int at = sample * words;
          Arrays.fill(found, at + first, at + last, -1);
          if (last == words && targets % 32 != 0) {
            found[at + last - 1] = (1 << (targets % 32)) - 1;
          }
          int rows = 0;
          for (int s = 0; s < sourceWords; s++) {
            for (int left = bits[sample * sourceWords + s]; left != 0; left &= left - 1) {
              int row = (s * 32 + Integer.numberOfTrailingZeros(left)) * words;
              clear(bound, row + first, found, at + first, last - first);
              if (++rows % ROWS == 0 && noneLeft(found, at + first, at + last)) {
                return;
              }
            }
          }
        });
  }

  private static void clear(int[] bound, int row, int[] found, int at, int count) {
    for (int w = 0; w < count; w++) {
      found[at + w] &= ~bound[row + w];
    }
  }

  private static boolean noneLeft(int[] found, int from, int to) {
    int any = 0;
    for (int w = from; w < to; w++) {
      any |= found[w];
    }
    return any == 0;
  }
}
