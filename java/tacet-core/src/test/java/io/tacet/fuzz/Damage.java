package io.tacet.fuzz;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Random damage to the bytes of a file: flipped, replaced, copied, cut off or added ones. */
final class Damage {
  private static final byte[] INTERESTING = {0, 1, -1, 127, -128, '"', ',', '\n', '{', '9', '-'};

  private Damage() {}

  static byte[] of(byte[] sample, SplittableRandom random) {
    byte[] bytes = sample.clone();
    for (int change = random.nextInt(1, 5); change > 0 && bytes.length > 0; change--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = INTERESTING[random.nextInt(INTERESTING.length)];
        case 3 -> bytes = Arrays.copyOf(bytes, at);
        case 4 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(1, 9));
        case 5 -> copyWithin(bytes, at, random);
        default -> fill(bytes, at, random);
      }
    }
    return bytes;
  }

  private static void copyWithin(byte[] bytes, int to, SplittableRandom random) {
    int from = random.nextInt(bytes.length);
    int length = Math.min(random.nextInt(1, 17), bytes.length - Math.max(from, to));
    System.arraycopy(bytes, from, bytes, to, length);
  }

  /** A number of up to 8 bytes that is all zeros, all ones or the like. */
  private static void fill(byte[] bytes, int at, SplittableRandom random) {
    int end = Math.min(bytes.length, at + (1 << random.nextInt(4)));
    Arrays.fill(bytes, at, end, INTERESTING[random.nextInt(5)]);
  }
}
