package io.tacet.circuits;

import java.util.List;

/**
 * What a run of a {@link RateCircuit} leaves.
 *
 * @param populations of the circuit
 * @param batch number of samples
 * @param rates mean rates, [batch][units of all populations]
 * @param events mean number of units of a sample whose synapses were summed over
 */
public record RateRun(List<RatePopulation> populations, int batch, double[] rates, double events) {

  /**
   * Mean rates of one population, [batch][neurons].
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public double[] of(String population) {
    int units = rates.length / batch;
    int first = 0;
    for (RatePopulation each : populations) {
      if (each.name().equals(population)) {
        double[] own = new double[batch * each.size()];
        for (int b = 0; b < batch; b++) {
          System.arraycopy(rates, b * units + first, own, b * each.size(), each.size());
        }
        return own;
      }
      first += each.size();
    }
    throw new IllegalArgumentException(
        "population: expected one of "
            + populations.stream().map(RatePopulation::name).toList()
            + ", got '"
            + population
            + "'.");
  }
}
