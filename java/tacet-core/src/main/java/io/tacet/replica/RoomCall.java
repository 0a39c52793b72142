package io.tacet.replica;

import java.util.List;

/** Asks how much room all replicas need that have met for this. */
final class RoomCall implements Call {
  private final int needed;
  private int agreed;

  RoomCall(int needed) {
    this.needed = needed;
  }

  /** The most of what they need, once they have met. */
  int agreed() {
    return agreed;
  }

  @Override
  public Object key() {
    return RoomCall.class;
  }

  @Override
  public void alone() {
    agreed = needed;
  }

  @Override
  public void together(List<Call> all) {
    int most = all.stream().mapToInt(call -> ((RoomCall) call).needed).max().orElseThrow();
    all.forEach(call -> ((RoomCall) call).agreed = most);
  }
}
