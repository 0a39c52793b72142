package io.tacet.training;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.memory.DType;
import io.tacet.memory.Resources;
import io.tacet.network.Layer;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.Positions;
import io.tacet.network.RecurrentSynapses;
import java.util.List;
import java.util.function.Function;

/**
 * A cost of the recurrent synapses of a layer, of any cell, dense or CSR: {@code strength sum_ij
 * A_ij D_ij C_ij}, with {@code A_ij} the sum of the absolute weights of all gates from unit i to
 * unit j, {@code D_ij} their distance and {@code C} the communicability, the exponential of A
 * divided by the roots of the strengths of rows (spatially-embedded networks, Achterberg et al.
 * 2023). D or C or both may be left out. With D or C, synapses of a unit onto itself cost nothing.
 * The gradient follows C through the exponential and through the strengths.
 *
 * <p>Computed on the CPU in double precision, with a copy of the weights from the device and back.
 * Dense weights: the exponential is exact to 3e-15 of its terms and takes 18 products of matrices
 * of all units, on the backend of the network where it has double precision. CSR: the first {@code
 * terms} powers, in panels of 16 rows, sampled where there are synapses, {@code 3 terms N synapses}
 * multiplications and no memory of N^2; on spatially-embedded networks of 100 units 6 terms leave
 * about 1e-4 of the value, 8 about 1e-6.
 *
 * @param strength at least 0; 0 is off
 * @param positions of the units; null to leave out D
 * @param communicability whether C counts
 * @param terms powers of the matrix that count in C of CSR synapses, at least 1
 * @param layer number of the layer from 0; -1 for the only one that has recurrent synapses
 * @param proximal whether the part of the gradient along A, {@code strength D o C}, is left out and
 *     weights are instead brought closer to 0 by this times the learning rate after each update,
 *     and to 0 at most: synapses get weights of exactly 0
 */
public record WiringCost(
    double strength,
    Positions positions,
    boolean communicability,
    int terms,
    int layer,
    boolean proximal)
    implements Regulariser {
  private static final int TERMS = 8;

  public WiringCost {
    WeightPenalty.requireStrength(strength);
    if (terms < 1 || layer < -1) {
      throw new IllegalArgumentException(
          "terms, layer: expected at least 1, and a number of a layer or -1, got "
              + terms
              + " and "
              + layer
              + ".");
    }
  }

  private static WiringCost of(double strength, Positions positions, boolean communicability) {
    return new WiringCost(strength, positions, communicability, TERMS, -1, false);
  }

  /** Absolute recurrent weights, {@code strength sum A}. */
  public static WiringCost weight(double strength) {
    return of(strength, null, false);
  }

  /** Absolute recurrent weights by their length, {@code strength sum A o D}. */
  public static WiringCost length(double strength, Positions positions) {
    return of(strength, positions, false);
  }

  /** Absolute recurrent weights by communicability, {@code strength sum A o C}. */
  public static WiringCost communicability(double strength) {
    return of(strength, null, true);
  }

  /** By length and communicability, {@code strength sum A o D o C}. */
  public static WiringCost spatial(double strength, Positions positions) {
    return of(strength, positions, true);
  }

  /** Of the layer of that number, from 0. */
  public WiringCost layer(int number) {
    return new WiringCost(strength, positions, communicability, terms, number, proximal);
  }

  /** With so many powers of the matrix in C of CSR synapses. */
  public WiringCost terms(int count) {
    return new WiringCost(strength, positions, communicability, count, layer, proximal);
  }

  /** With a proximal step after each update; see {@link #proximal}. */
  public WiringCost withProximalStep() {
    return new WiringCost(strength, positions, communicability, terms, layer, true);
  }

  /**
   * The cost at the present weights.
   *
   * @throws IllegalArgumentException if the network has no such layer, or another number of units
   */
  public double value(Network network) {
    return withProducts(network, products -> value(network, products));
  }

  private double value(Network network, Backend products) {
    double sum = 0;
    for (RecurrentSynapses synapses : synapses(network)) {
      WiringGraph graph = WiringGraph.of(synapses);
      double[] strengths = graph.strengths(synapses.weights().toDoubles());
      sum += WiringSlopes.of(graph, strengths, this, products).value();
    }
    return sum;
  }

  /** A, the strengths of connections, [units][units] by source; 0 where there is none. */
  public static double[] strengths(RecurrentSynapses synapses) {
    WiringGraph graph = WiringGraph.of(synapses);
    double[] strengths = graph.strengths(synapses.weights().toDoubles());
    double[] matrix = new double[Math.multiplyExact(graph.units(), graph.units())];
    for (int i = 0; i < graph.units(); i++) {
      for (int e = graph.begin(i); e < graph.begin(i + 1); e++) {
        matrix[i * graph.units() + graph.target(e)] = strengths[e];
      }
    }
    return matrix;
  }

  /** With a backend for products in double precision where that of the network has none. */
  @Override
  public Regulariser during(Network network, Resources owned) {
    boolean multiplies =
        strength != 0
            && communicability
            && synapses(network).stream().anyMatch(each -> WiringGraph.of(each).isDense());
    return multiplies && !network.backend().supports(DType.FLOAT64)
        ? new Running(this, owned.own(Backends.open("java")))
        : this;
  }

  /** A cost with the backend of its products. */
  private record Running(WiringCost cost, Backend products) implements Regulariser {
    @Override
    public void applyToGradients(Pass pass) {
      cost.addToGradients(pass.network(), products);
    }

    @Override
    public void afterUpdate(Network network, double rate) {
      cost.shrink(network, rate, products);
    }
  }

  /** As {@link #value} throws. */
  @Override
  public void applyToGradients(Pass pass) {
    Network network = pass.network();
    withProducts(
        network,
        products -> {
          addToGradients(network, products);
          return null;
        });
  }

  private void addToGradients(Network network, Backend products) {
    if (strength == 0 || (proximal && !communicability)) {
      return;
    }
    for (RecurrentSynapses synapses : synapses(network)) {
      WiringGraph graph = WiringGraph.of(synapses);
      double[] weights = synapses.weights().toDoubles();
      double[] gradient = synapses.gradient().toDoubles();
      WiringSlopes slopes = WiringSlopes.of(graph, graph.strengths(weights), this, products);
      for (int w = 0; w < weights.length; w++) {
        int edge = graph.edge(w);
        if (edge >= 0) {
          double slope = proximal ? 0 : slopes.direct()[edge];
          slope += slopes.through() == null ? 0 : slopes.through()[edge];
          gradient[w] += slope * Math.signum(weights[w]);
        }
      }
      synapses.gradient().copyFrom(gradient);
    }
  }

  /** As {@link #value} throws. */
  @Override
  public void afterUpdate(Network network, double rate) {
    withProducts(
        network,
        products -> {
          shrink(network, rate, products);
          return null;
        });
  }

  private void shrink(Network network, double rate, Backend products) {
    if (strength == 0 || !proximal) {
      return;
    }
    for (RecurrentSynapses synapses : synapses(network)) {
      WiringGraph graph = WiringGraph.of(synapses);
      double[] weights = synapses.weights().toDoubles();
      double[] step = WiringSlopes.of(graph, graph.strengths(weights), this, products).direct();
      for (int w = 0; w < weights.length; w++) {
        int edge = graph.edge(w);
        if (edge >= 0) {
          double size = Math.max(0, Math.abs(weights[w]) - rate * step[edge]);
          weights[w] = Math.copySign(size, weights[w]);
        }
      }
      synapses.weights().copyFrom(weights);
    }
  }

  private <T> T withProducts(Network network, Function<Backend, T> body) {
    Backend own = network.backend();
    if (!communicability || strength == 0 || own.supports(DType.FLOAT64)) {
      return body.apply(own);
    }
    try (Backend java = Backends.open("java")) {
      return body.apply(java);
    }
  }

  private List<RecurrentSynapses> synapses(Network network) {
    List<List<RecurrentSynapses>> all = network.layers().stream().map(Layer::recurrent).toList();
    int chosen = layer;
    if (layer < 0) {
      List<List<RecurrentSynapses>> some = all.stream().filter(each -> !each.isEmpty()).toList();
      chosen = some.size() == 1 ? all.indexOf(some.get(0)) : -1;
    }
    if (chosen < 0 || chosen >= all.size() || all.get(chosen).isEmpty()) {
      throw new IllegalArgumentException(
          "layer: expected the number of a layer with recurrent synapses that are dense or CSR, or"
              + " exactly one such layer, got "
              + (layer < 0 ? "no number" : layer)
              + " for layers with "
              + all.stream().map(List::size).toList()
              + " recurrent matrices. Say .layer(number).");
    }
    List<RecurrentSynapses> found = all.get(chosen);
    if (positions != null && positions.units() != found.get(0).units()) {
      throw new IllegalArgumentException(
          "positions: expected those of the "
              + found.get(0).units()
              + " units of the layer, got "
              + positions.units()
              + ".");
    }
    return found;
  }
}
