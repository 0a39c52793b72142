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
   * One pass. Blocks of {@link EgruEngine#PERSISTENT} work in teams that hold the layer. The
   * forward pass of {@link EgruEngine#EVENT} may be one launch too, whose blocks are one team that
   * reads the rows of active units from memory; other engines, and EVENT with launches for each
   * step, have no teams.
   *
   * @param clusters whether teams are clusters rather than blocks of a cooperative launch
   * @param teams number of concurrent teams, among which groups of up to eight samples are
   *     distributed
   * @param blocks number of blocks per team
   * @param factors what the factors of recurrent products are rounded to: {@code float32}, for not
   *     at all, or {@code bf16x3} or {@code bf16}, on tensor cores, as {@code
   *     tacet.products.factors} says; in EVENT those of the weights alone, without tensor cores
   * @param stepwise why a forward pass of EVENT has launches for each step; empty if it has not,
   *     and with other engines
   */
  public record Pass(
      EgruEngine engine, boolean clusters, int teams, int blocks, String factors, String stepwise) {
    /**
     * Such as {@code PERSISTENT (cooperative, 4 x 32 blocks)} or {@code EVENT (one launch, 128
     * blocks)}, with the factors if not float32.
     */
    @Override
    public String toString() {
      String kind = clusters ? "clusters" : "cooperative";
      String rounded = factors.equals("float32") ? "" : ", " + factors;
      if (teams == 0) {
        return rounded.isEmpty() ? engine.toString() : engine + " (" + factors + ")";
      }
      String team = kind + ", " + teams + " x " + blocks;
      String shape = engine == EgruEngine.EVENT ? "one launch, " + blocks : team;
      return engine + " (" + shape + " blocks" + rounded + ")";
    }
  }

  /** Both passes on one line. */
  @Override
  public String toString() {
    return "forward " + forward + ", backward " + backward;
  }
}
