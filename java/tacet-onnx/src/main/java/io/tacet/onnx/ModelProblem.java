package io.tacet.onnx;

/** What is wrong with a model, or beyond what a network computes; without the name of its file. */
final class ModelProblem extends Exception {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  /**
   * A problem.
   *
   * @param place what of the model, such as {@code the node 'gru' (GRU)}
   */
  ModelProblem(String place, String expected, String found) {
    this(place, expected, found, "Check how the model was written; docs/onnx.md has what is read.");
  }

  /** A problem with a remedy of its own, a sentence. */
  ModelProblem(String place, String expected, String found, String remedy) {
    super(place + ": expected " + expected + ", found " + found);
    this.remedy = remedy;
  }

  String remedy() {
    return remedy;
  }
}
