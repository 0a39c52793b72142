package io.tacet.systems.dentate;

import io.tacet.analysis.PopulationCode;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Figures of the code of a network.
 *
 * @param sparsity mean number of granule cells that answer a pattern
 * @param similarity mean similarity of the answers to two patterns
 * @param activeUnits fraction of the granule cells that answer some pattern
 * @param activePatterns fraction of the patterns that some granule cell answers
 */
record CodeFigures(double sparsity, double similarity, double activeUnits, double activePatterns) {

  static CodeFigures of(PopulationCode code) {
    return new CodeFigures(
        code.meanActive(),
        code.meanSimilarity(Dentate.SILENT),
        code.activeUnits(),
        code.activePatterns());
  }

  static double mean(List<CodeFigures> all, ToDoubleFunction<CodeFigures> figure) {
    return all.stream().mapToDouble(figure).average().orElse(Double.NaN);
  }

  /** Standard deviation over networks; 0 for a single one. */
  static double deviation(List<CodeFigures> all, ToDoubleFunction<CodeFigures> figure) {
    double mean = mean(all, figure);
    double squares =
        all.stream().mapToDouble(figure).map(value -> (value - mean) * (value - mean)).sum();
    return Math.sqrt(squares / Math.max(1, all.size() - 1));
  }

  /** Fraction of the pairs, network by network, in which the first has less. */
  static double fractionLess(
      List<CodeFigures> first, List<CodeFigures> second, ToDoubleFunction<CodeFigures> figure) {
    int less = 0;
    for (int k = 0; k < first.size(); k++) {
      double difference = figure.applyAsDouble(first.get(k)) - figure.applyAsDouble(second.get(k));
      less += difference < 0 ? 1 : 0;
    }
    return less / (double) first.size();
  }
}
