package io.tacet.circuits;

import java.util.List;

/** The equations as they are written: a conductance for each synapse, by Heun's method. */
final class NaiveRateCircuit {
  private final RateNeuron neuron;
  private final RatePopulation[] of;
  private final double[][] weights;
  private final double[] rates;

  NaiveRateCircuit(
      RateNeuron neuron, List<RatePopulation> populations, List<RateProjection> projections) {
    this.neuron = neuron;
    int units = populations.stream().mapToInt(RatePopulation::size).sum();
    of = new RatePopulation[units];
    int[] first = new int[populations.size() + 1];
    for (int p = 0; p < populations.size(); p++) {
      first[p + 1] = first[p] + populations.get(p).size();
      java.util.Arrays.fill(of, first[p], first[p + 1], populations.get(p));
    }
    weights = new double[units][units];
    List<String> names = populations.stream().map(RatePopulation::name).toList();
    for (RateProjection projection : projections) {
      int from = first[names.indexOf(projection.from())];
      int to = names.indexOf(projection.to());
      int width = populations.get(to).size();
      for (int k = 0; k < projection.weights().length; k++) {
        weights[from + k / width][first[to] + k % width] = projection.weights()[k];
      }
    }
    rates = new double[units];
  }

  /** Rates of all units after so many steps; the inputs are the first units. */
  double[] run(double[] inputs, double dt, int steps) {
    System.arraycopy(inputs, 0, rates, 0, inputs.length);
    int units = of.length;
    double[] v = new double[units];
    double[][] g = new double[units][units];
    for (int step = 0; step < steps; step++) {
      double[] v1 = new double[units];
      double[][] g1 = new double[units][units];
      slopes(v, g, v1, g1);
      double[] tried = new double[units];
      double[][] open = new double[units][units];
      for (int j = 0; j < units; j++) {
        tried[j] = v[j] + dt * v1[j];
        for (int i = 0; i < units; i++) {
          open[i][j] = g[i][j] + dt * g1[i][j];
        }
      }
      double[] v2 = new double[units];
      double[][] g2 = new double[units][units];
      slopes(tried, open, v2, g2);
      for (int j = 0; j < units; j++) {
        v[j] += dt * (v1[j] + v2[j]) / 2;
        for (int i = 0; i < units; i++) {
          g[i][j] += dt * (g1[i][j] + g2[i][j]) / 2;
        }
      }
    }
    return java.util.stream.IntStream.range(0, units).mapToDouble(j -> rate(v, j)).toArray();
  }

  private double rate(double[] v, int unit) {
    return of[unit].isInput() ? rates[unit] : neuron.rate(v[unit]);
  }

  private void slopes(double[] v, double[][] g, double[] vSlopes, double[][] gSlopes) {
    for (int j = 0; j < v.length; j++) {
      double current = 0;
      for (int i = 0; i < v.length; i++) {
        double reversal = of[i].inhibitory() ? neuron.inhibitory() : neuron.excitatory();
        current += weights[i][j] * g[i][j] * (reversal - v[j]);
        gSlopes[i][j] =
            -g[i][j] / of[i].decayTau() + Math.max(0, rate(v, i) - g[i][j]) / neuron.riseTau();
      }
      vSlopes[j] = of[j].isInput() ? 0 : (-v[j] + current) / of[j].membraneTau();
    }
  }
}
