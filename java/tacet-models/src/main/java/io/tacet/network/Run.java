package io.tacet.network;

/**
 * Arguments of one pass of a layer.
 *
 * @param seed of the pass; masks of training follow from it
 * @param state what the layer starts from and leaves; null for zeros and nothing
 */
public record Run(long seed, LayerState state) {
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
    return seed + (mask.kind + (long) Mask.KINDS * place) * 0x9E3779B97F4A7C15L;
  }
}
