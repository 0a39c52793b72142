package io.tacet.onnx;

import java.util.List;

/** What an operator of ONNX means for a network. */
@FunctionalInterface
interface Operator {
  /**
   * The values that a node gives, at least as many as are used.
   *
   * @throws ModelProblem if no network computes them
   */
  List<Value> apply(Node node) throws ModelProblem;
}
