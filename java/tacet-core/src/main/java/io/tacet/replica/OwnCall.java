package io.tacet.replica;

import java.util.List;

/**
 * A call that no other replica can share.
 *
 * @param body what it does
 */
record OwnCall(Runnable body) implements Call {
  /** A key that equals no other. */
  @Override
  public Object key() {
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public void alone() {
    body.run();
  }

  @Override
  public void together(List<Call> all) {
    all.forEach(Call::alone);
  }
}
