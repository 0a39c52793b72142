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

  /** Mean rates of one population, [batch][neurons]. */
  public double[] of(int population) {
    int before = 0;
    for (int p = 0; p < population; p++) {
      before += populations.get(p).size();
    }
    int size = populations.get(population).size();
    double[] own = new double[batch * size];
    int units = rates.length / batch;
    for (int b = 0; b < batch; b++) {
      System.arraycopy(rates, b * units + before, own, b * size, size);
    }
    return own;
  }
}
