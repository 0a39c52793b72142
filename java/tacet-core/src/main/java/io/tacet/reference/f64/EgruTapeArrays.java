package io.tacet.reference.f64;

import io.tacet.egru.EgruTape;
import io.tacet.reference.Bfloat16;
import java.util.Arrays;

/** The arrays of a tape. Gates are in the precision of the states or in bfloat16. */
final class EgruTapeArrays {
  final double[] h;
  final int[] events;
  final int words;
  private final Object z;
  private final Object r;
  private final Object g;

  /** Null where the product is not kept. */
  private final Object q;

  private final boolean compact;
  private final int units;

  EgruTapeArrays(EgruTape tape, int units) {
    this.units = units;
    words = (units + 31) / 32;
    compact = tape.isCompact();
    h = Real.array(tape.h());
    events = (int[]) tape.events().storage().heap();
    z = tape.z().storage().heap();
    r = tape.r().storage().heap();
    g = tape.g().storage().heap();
    q = tape.keepsProduct() ? tape.q().storage().heap() : null;
  }

  /** Keeps a step of a sample; its events are kept by {@link #event}. */
  void store(
      int position, double[] state, double[] update, double[] reset, double[] cand, double[] prod) {
    int at = position * units;
    put(update, z, at);
    put(reset, r, at);
    put(cand, g, at);
    if (q != null) {
      put(prod, q, at);
    }
    storeState(position, state);
  }

  /** Keeps the state of a sample in a step that it does not have any more. */
  void storeEnded(int position, double[] state) {
    int at = position * units;
    clear(z, at);
    clear(r, at);
    clear(g, at);
    if (q != null) {
      clear(q, at);
    }
    storeState(position, state);
  }

  private void storeState(int position, double[] state) {
    System.arraycopy(state, 0, h, position * units, units);
    Arrays.fill(events, position * words, (position + 1) * words, 0);
  }

  private void clear(Object gate, int at) {
    if (compact) {
      Arrays.fill((short[]) gate, at, at + units, (short) 0);
    } else {
      Arrays.fill((double[]) gate, at, at + units, 0);
    }
  }

  /** Marks unit m. */
  void event(int position, int m) {
    events[position * words + m / 32] |= 1 << m % 32;
  }

  boolean isEvent(int position, int m) {
    return (events[position * words + m / 32] >>> m % 32 & 1) != 0;
  }

  /** Whether the recurrent product of the candidate is here, or has to be computed again. */
  boolean keepsProduct() {
    return q != null;
  }

  /** Loads a step of a sample; the product only if it is kept. */
  void load(int position, double[] update, double[] reset, double[] cand, double[] prod) {
    int at = position * units;
    get(z, at, update);
    get(r, at, reset);
    get(g, at, cand);
    if (q != null) {
      get(q, at, prod);
    }
  }

  void loadReset(int position, double[] reset) {
    get(r, position * units, reset);
  }

  /** What each unit sent in a step. */
  void loadEvents(EgruCell cell, int position, double[] y) {
    Arrays.fill(y, 0);
    spreadEvents(cell, position, y, 0);
  }

  /** Puts what units sent in a step into zeros from a place on. */
  void spreadEvents(EgruCell cell, int position, double[] into, int from) {
    int at = position * units;
    for (int w = 0; w < words; w++) {
      for (int bits = events[position * words + w]; bits != 0; bits &= bits - 1) {
        int m = 32 * w + Integer.numberOfTrailingZeros(bits);
        into[from + m] = sent(cell, at, m);
      }
    }
  }

  /** Events per unit, step and sample. */
  double activity() {
    long count = 0;
    for (int word : events) {
      count += Integer.bitCount(word);
    }
    return (double) count * words / ((double) events.length * units);
  }

  /**
   * Units with an event in a step, ascending, and what they sent.
   *
   * @return how many
   */
  int listEvents(EgruCell cell, int position, int[] index, double[] values) {
    int at = position * units;
    int count = 0;
    for (int w = 0; w < words; w++) {
      for (int bits = events[position * words + w]; bits != 0; bits &= bits - 1) {
        int m = 32 * w + Integer.numberOfTrailingZeros(bits);
        index[count] = m;
        values[count++] = sent(cell, at, m);
      }
    }
    return count;
  }

  private double sent(EgruCell cell, int at, int m) {
    return cell.events && !cell.paper ? h[at + m] + cell.thresholds[m] : h[at + m];
  }

  private void put(double[] from, Object to, int at) {
    if (compact) {
      short[] bits = (short[]) to;
      for (int m = 0; m < units; m++) {
        bits[at + m] = Bfloat16.of(from[m]);
      }
    } else {
      System.arraycopy(from, 0, to, at, units);
    }
  }

  private void get(Object from, int at, double[] to) {
    if (compact) {
      short[] bits = (short[]) from;
      for (int m = 0; m < units; m++) {
        to[m] = Bfloat16.toFloat(bits[at + m]);
      }
    } else {
      System.arraycopy(from, at, to, 0, units);
    }
  }
}
