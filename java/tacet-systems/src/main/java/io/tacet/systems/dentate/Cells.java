package io.tacet.systems.dentate;

import io.tacet.circuits.RatePopulation;
import java.util.List;
import java.util.stream.Stream;

/** Populations of the dentate gyrus. */
public enum Cells {
  /** Perforant path. */
  INPUT(RatePopulation.input("Input", 7, 10)),
  /** Granule cells. */
  OUTPUT(new RatePopulation("Output", 128, false, 50, 10)),
  /** Interneurons that the input excites. */
  FEEDFORWARD(new RatePopulation("FF_Inh", 7, true, 20, 20)),
  /** Mossy cells. */
  MOSSY(new RatePopulation("FB_Exc", 7, false, 50, 10)),
  /** Interneurons that granule or mossy cells excite. */
  FEEDBACK(new RatePopulation("FB_Inh", 7, true, 20, 20));

  private final RatePopulation population;

  Cells(RatePopulation population) {
    this.population = population;
  }

  /** Size and time constants. */
  public RatePopulation population() {
    return population;
  }

  /** Number of cells. */
  public int size() {
    return population.size();
  }

  static List<RatePopulation> populations() {
    return Stream.of(values()).map(Cells::population).toList();
  }
}
