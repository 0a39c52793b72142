package io.tacet.reference;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.DelaySteps;
import io.tacet.sparse.Events;

/** Bitmaps of events: expansion into lists and delays per source. */
final class Bitmaps {
  private Bitmaps() {}

  /** Writes counts and lists of a bitmap, a task per sample. */
  static void expand(Workers workers, Events events) {
    int[] units = (int[]) events.units().storage().heap();
    int[] counts = (int[]) events.counts().storage().heap();
    int[] bitmap = (int[]) events.bitmap().storage().heap();
    int words = Events.words(events.sources());
    int capacity = events.capacity();
    workers.run(
        events.batch(),
        (sample, worker) -> {
          int count = 0;
          for (int word = 0; word < words; word++) {
            for (int bits = bitmap[sample * words + word]; bits != 0; bits &= bits - 1) {
              if (count < capacity) {
                units[sample * capacity + count] = word * 32 + Integer.numberOfTrailingZeros(bits);
              }
              count++;
            }
          }
          counts[sample] = count;
        });
  }

  /** Gathers the bitmap of a step from those of the steps before it. */
  static void arrivals(
      Workers workers, DeviceArray ringArray, DelaySteps delays, long step, Events events) {
    int[] ring = (int[]) ringArray.storage().heap();
    short[] steps = (short[]) delays.steps().storage().heap();
    int[] bitmap = (int[]) events.bitmap().storage().heap();
    int sources = events.sources();
    int words = Events.words(sources);
    int slot = events.batch() * words;
    int slots = ring.length / slot;
    workers.run(
        events.batch(),
        (sample, worker) -> {
          for (int word = 0; word < words; word++) {
            int bits = 0;
            for (int i = word * 32; i < Math.min(sources, word * 32 + 32); i++) {
              long sent = step - Short.toUnsignedInt(steps[i]);
              if (sent >= 0) {
                int past = (int) (sent % slots) * slot + sample * words + word;
                bits |= ring[past] & (1 << (i % 32));
              }
            }
            bitmap[sample * words + word] = bits;
          }
        });
    expand(workers, events);
  }
}
