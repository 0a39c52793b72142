package io.tacet.network;

/**
 * A layer that is stepped through a sequence: a copy of its weights, arranged for this purpose, and
 * its state. Computes on Java arrays and allocates nothing in a step. Owns its arrays.
 */
public interface LayerStep extends AutoCloseable {
  /**
   * One step.
   *
   * @param below what the layer below gives, [batch][columns]; a token is 1 in its column among
   *     zeros. Not changed
   * @return what this layer gives, [batch][columns]; the same array each time
   */
  float[] step(float[] below);

  /** Back to the beginning of a sequence. */
  default void reset() {}

  @Override
  default void close() {}
}
