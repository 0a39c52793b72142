package io.tacet.network;

import io.tacet.Backend;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DType;

/** What training keeps of a forward pass; bytes are of a step, sample and unit in float32. */
public enum TapeKind {
  /** Everything: 20 bytes and a bit. */
  FULL,
  /** Gates in bfloat16: 12 bytes and a bit. Gradients are rounded accordingly. */
  BFLOAT16,
  /** All but the recurrent product, which the backward pass computes again: 16 bytes and a bit. */
  RECOMPUTE,
  /** Gates in bfloat16 and no product: 10 bytes and a bit. */
  SMALLEST;

  /** Room for a sequence; the caller closes it. */
  public EgruTape room(Backend backend, DType type, int steps, int batch, int units) {
    if (type != DType.FLOAT32 && (this == BFLOAT16 || this == SMALLEST)) {
      throw new IllegalArgumentException(
          "tape: expected FULL or RECOMPUTE in double precision, got "
              + this
              + ". Use these, or single precision (--precision single).");
    }
    return switch (this) {
      case FULL -> EgruTape.of(backend, type, steps, batch, units);
      case BFLOAT16 -> EgruTape.compact(backend, steps, batch, units);
      case RECOMPUTE -> EgruTape.withoutProduct(backend, type, steps, batch, units);
      case SMALLEST -> EgruTape.compactWithoutProduct(backend, steps, batch, units);
    };
  }
}
