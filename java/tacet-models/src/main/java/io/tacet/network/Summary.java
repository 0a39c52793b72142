package io.tacet.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The layers of a network with what they cost.
 *
 * @param layers from the first above the input
 * @param precision bytes of a number
 */
public record Summary(List<Row> layers, int precision) {
  /**
   * A layer.
   *
   * @param name with which names of its arrays begin
   * @param cell its cell
   * @param outputs units, neurons, columns or classes that it gives
   * @param synapses how many there are; those of gates that share a pattern count once
   * @param parameters numbers that train
   * @param numbers all numbers that it holds
   * @param work multiplications of a step of a sample at full activity; 0 of event times
   */
  public record Row(
      String name,
      String cell,
      int outputs,
      long synapses,
      long parameters,
      long numbers,
      double work) {}

  static Summary of(Network network) {
    NetworkSpec spec = network.spec();
    List<Row> rows = new ArrayList<>();
    for (int k = 0; k < spec.layers().size(); k++) {
      LayerSpec layer = spec.layers().get(k);
      Layer made = network.layers().get(k);
      rows.add(
          new Row(
              spec.names().get(k),
              layer.cell(),
              layer.over(spec.below(k)).columns(),
              made.synapses() - made.arrays().emptyPlaces(),
              made.arrays().size(),
              made.arrays().byName().values().stream().mapToLong(a -> a.length()).sum(),
              layer.multiplyAdds(spec.below(k), 1, 1).dense()));
    }
    return new Summary(rows, spec.precision().bytes());
  }

  /** Numbers that train. */
  public long parameters() {
    return layers.stream().mapToLong(Row::parameters).sum();
  }

  /** Bytes of all numbers, without gradients and optimiser. */
  public long bytes() {
    return precision * layers.stream().mapToLong(Row::numbers).sum();
  }

  /** A readable table. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%-12s %-10s %8s %12s %12s %14s%n",
            "layer",
            "cell",
            "outputs",
            "synapses",
            "parameters",
            "multiply-adds"));
    for (Row row : layers) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-12s %-10s %8d %12d %12d %14.0f%n",
              row.name(),
              row.cell(),
              row.outputs(),
              row.synapses(),
              row.parameters(),
              row.work()));
    }
    text.append(
        String.format(Locale.ROOT, "%d parameters, %.1f KiB%n", parameters(), bytes() / 1024.0));
    return text.toString();
  }
}
