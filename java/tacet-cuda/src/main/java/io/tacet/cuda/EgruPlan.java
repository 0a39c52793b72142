package io.tacet.cuda;

import io.tacet.egru.EgruEngine;

/**
 * How the passes of a layer of event-gated recurrent units run on a device.
 *
 * @param forward the forward pass
 * @param backward the backward pass, where {@link EgruEngine#EVENT} means that rows of the weights
 *     that nothing depends on are skipped
 */
public record EgruPlan(Pass forward, Pass backward) {

  /**
   * One pass. Blocks of {@link EgruEngine#PERSISTENT} work in teams that hold the layer; the other
   * engines have no teams.
   *
   * @param clusters whether teams are clusters rather than blocks of a cooperative launch
   * @param teams number of concurrent teams, among which groups of up to eight samples are
   *     distributed
   * @param blocks number of blocks per team
   */
  public record Pass(EgruEngine engine, boolean clusters, int teams, int blocks) {
    /** Such as {@code PERSISTENT (cooperative, 4 x 32 blocks)}. */
    @Override
    public String toString() {
      String kind = clusters ? "clusters" : "cooperative";
      return teams == 0
          ? engine.toString()
          : engine + " (" + kind + ", " + teams + " x " + blocks + " blocks)";
    }
  }

  /** Both passes on one line. */
  @Override
  public String toString() {
    return "forward " + forward + ", backward " + backward;
  }
}
