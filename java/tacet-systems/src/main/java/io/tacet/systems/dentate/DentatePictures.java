package io.tacet.systems.dentate;

import io.tacet.Backend;
import io.tacet.analysis.PopulationCode;
import io.tacet.report.Bars;
import io.tacet.report.HeatMaps;
import io.tacet.systems.ValidationRun;
import java.io.IOException;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Pictures as in the paper: rates, similarities, and means beside the published ones. */
final class DentatePictures {
  private static final List<Model> SHOWN =
      List.of(Model.LOG_NORMAL, Model.FEEDFORWARD, Model.BOTH, Model.INDIRECT);

  private DentatePictures() {}

  static void write(ValidationRun run, Map<Model, List<CodeFigures>> networks) throws IOException {
    Map<Model, PopulationCode> codes = new EnumMap<>(Model.class);
    try (Backend backend = run.open()) {
      for (Model model : SHOWN) {
        codes.put(
            model, Dentate.code(backend, DentateNetwork.published(model, Published.FIRST_SEED)));
      }
    }
    run.out().write("codes.png", codes(codes));
    Bars active = bars("active of 128", networks, CodeFigures::sparsity, Published::sparsity);
    run.out().write("active.png", active);
    Bars similarity = bars("similarity", networks, CodeFigures::similarity, Published::similarity);
    run.out().write("similarity.png", similarity);
  }

  private static HeatMaps codes(Map<Model, PopulationCode> codes) {
    HeatMaps maps =
        new HeatMaps("Granule cells and all patterns of seven inputs: rates, similarity", 4);
    codes.forEach(
        (model, code) ->
            maps.add("model " + model.label(), "patterns", "cells", rates(code), 0, .6));
    codes.forEach(
        (model, code) ->
            maps.add(
                "model " + model.label() + ", mean " + mean(code),
                "patterns",
                "patterns",
                similarities(code),
                0,
                1));
    return maps;
  }

  private static String mean(PopulationCode code) {
    return String.format(Locale.ROOT, "%.3f", code.meanSimilarity(Dentate.SILENT));
  }

  /** A row for each cell, the least selective first. */
  private static double[][] rates(PopulationCode code) {
    int[] selectivity = code.selectivity();
    return IntStream.range(0, code.units())
        .boxed()
        .sorted(Comparator.comparingInt((Integer unit) -> -selectivity[unit]))
        .map(
            unit ->
                IntStream.range(0, code.patterns())
                    .mapToDouble(pattern -> code.rate(pattern, unit))
                    .toArray())
        .toArray(double[][]::new);
  }

  private static double[][] similarities(PopulationCode code) {
    double[][] all = new double[code.patterns()][code.patterns()];
    for (int p = 0; p < all.length; p++) {
      for (int q = 0; q < all.length; q++) {
        all[p][q] = code.similarity(p, q, Dentate.SILENT);
      }
    }
    return all;
  }

  private static Bars bars(
      String quantity,
      Map<Model, List<CodeFigures>> networks,
      ToDoubleFunction<CodeFigures> figure,
      ToDoubleFunction<Published> published) {
    List<List<CodeFigures>> ours =
        Published.LOG.stream().map(log -> networks.get(log.model())).toList();
    return new Bars(
            "Means over networks, ours with their deviation",
            "model",
            quantity,
            Published.LOG.stream().map(log -> log.model().label()).toList())
        .add(
            "published, " + Published.SEEDS + " networks",
            Published.LOG.stream().map(published::applyAsDouble).toList(),
            null)
        .add(
            "ours, " + ours.get(0).size() + " networks",
            ours.stream().map(all -> CodeFigures.mean(all, figure)).toList(),
            ours.stream().map(all -> CodeFigures.deviation(all, figure)).toList());
  }
}
