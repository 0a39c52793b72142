package io.tacet.systems.dentate;

import java.util.List;

/**
 * What the authors' log says of the networks of seeds 1234 to 1238.
 *
 * @param model they are of
 * @param sparsity mean number of granule cells that answer a pattern
 * @param similarity mean similarity of the answers to two patterns
 */
record Published(Model model, double sparsity, double similarity) {
  static final int FIRST_SEED = 1234;
  static final int SEEDS = 5;

  /** All models of the log but 5c, which it has with other weights. */
  static final List<Published> LOG =
      List.of(
          new Published(Model.UNIFORM, 104.303, .7462),
          new Published(Model.LOG_NORMAL, 56.306, .5517),
          new Published(Model.FEEDFORWARD, 49.558, .5753),
          new Published(Model.NOT_SELECTIVE, 5.392, .4094),
          new Published(Model.FEEDBACK, 51.786, .5429),
          new Published(Model.BOTH, 51.891, .5453),
          new Published(Model.INDIRECT, 20.244, .4536),
          new Published(Model.DIRECT, 22.377, .3753));
}
