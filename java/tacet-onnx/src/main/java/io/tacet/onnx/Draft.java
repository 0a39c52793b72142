package io.tacet.onnx;

import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.network.Direction;
import java.util.List;

/** A layer with its numbers while a graph is read. */
sealed interface Draft {
  /** Most units for which a matrix of ones on its diagonal is made. */
  int MOST_IDENTITY = 1 << 13;

  /** Name of the node that it comes from, for messages. */
  String node();

  /**
   * Dense units.
   *
   * @param weights [inputs][units]
   */
  record Dense(Tensor weights, double[] bias, Activation activation, String node) implements Draft {
    /** Whether its sums are what is below. */
    boolean isIdentity() {
      int units = bias.length;
      boolean same = weights.values().length == units * units;
      for (int i = 0; same && i < units; i++) {
        same = bias[i] == 0;
        for (int j = 0; same && j < units; j++) {
          same = weights.values()[i * units + j] == (i == j ? 1 : 0);
        }
      }
      return same;
    }
  }

  /**
   * Rows that tokens select.
   *
   * @param table [tokens][columns]
   * @param bias added to every row, only where a recurrent layer takes both as its own; else null
   */
  record Embedding(Tensor table, double[] bias, String node) implements Draft {}

  /**
   * Gated units.
   *
   * @param options with the decay of the trace that is read
   * @param strands of one or both directions
   */
  record Gated(
      EgruOptions options, int units, Direction direction, List<Strand> strands, String node)
      implements Draft {}

  /**
   * Numbers of a direction.
   *
   * @param input [inputs][3 units]
   * @param recurrent [units][3 units]
   * @param inputBias [3 units]
   * @param recurrentBias [3 units]
   * @param thresholds [units]; null without events
   */
  record Strand(
      double[] input,
      double[] recurrent,
      double[] inputBias,
      double[] recurrentBias,
      double[] thresholds) {}

  /**
   * Plain recurrent units.
   *
   * @param input [inputs][units]
   * @param recurrent [units][units]
   */
  record Plain(
      double[] input, double[] recurrent, double[] bias, Activation activation, String node)
      implements Draft {}

  /** The largest values. */
  record Winners(int count, String node) implements Draft {}

  /** Inhibition by the mean. */
  record Gain(double gain, String node) implements Draft {}
}
