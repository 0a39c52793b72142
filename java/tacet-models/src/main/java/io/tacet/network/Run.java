package io.tacet.network;

/**
 * Arguments of one pass of a layer.
 *
 * @param seed of the pass; masks of training follow from it
 * @param state what the layer starts from and leaves; null for zeros and nothing
 * @param segment of a sequence; null for all of it
 * @param lengths how many of the steps each sample has; null for all. What enters a layer, and the
 *     errors of what it gives, are then 0 in the others
 */
public record Run(long seed, LayerState state, Segment segment, Lengths lengths) {
  /**
   * Some steps of a sequence whose gradient is that of all of them.
   *
   * @param number from 0, in the order of time
   * @param again whether this is the second forward pass, or its backward pass: events have been
   *     counted already
   * @param errors dL/dstate after the segment, to begin with, and before it, to be written, as the
   *     last and the first of a state; null in inference
   */
  public record Segment(int number, boolean again, LayerState errors) {}

  /** A pass over all steps, or over a chunk whose gradients end with it. */
  public Run(long seed, LayerState state) {
    this(seed, state, null, null);
  }

  /** Whether events have been counted already. */
  public boolean again() {
    return segment != null && segment.again();
  }

  /** Whether this is the beginning of the sequence, with which a backward pass ends. */
  public boolean begins() {
    return segment == null || segment.number() == 0;
  }

  /** Errors of the states, see {@link Segment}; null where there are none. */
  public LayerState errors() {
    return segment == null ? null : segment.errors();
  }

  /** Kinds of masks, of which each has a seed of its own for every layer or direction. */
  public enum Mask {
    WORD(1),
    INPUT(2),
    OUTPUT(3),
    ZONEOUT(4),
    CONNECT(5),
    FORWARD(6);

    private static final int KINDS = 8;

    private final int kind;

    Mask(int kind) {
      this.kind = kind;
    }
  }

  /**
   * Seed of a mask. Masks of different places do not follow from each other.
   *
   * @param place number of the layer or direction that the mask is for
   */
  public long mask(Mask mask, int place) {
    // Zoneout masks differ from step to step, so each segment has its own.
    long number = mask == Mask.ZONEOUT && segment != null ? segment.number() : 0;
    return seed
        + (mask.kind + (long) Mask.KINDS * place) * 0x9E3779B97F4A7C15L
        + number * 0xBF58476D1CE4E5B9L;
  }
}
