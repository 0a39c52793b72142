package io.tacet.systems.dentate;

import io.tacet.circuits.RatePopulation;
import java.util.List;
import java.util.stream.Stream;

/** Populations of the dentate gyrus. */
public enum Cells {
  /** Perforant path. */
  INPUT("Input", 7, false, Double.POSITIVE_INFINITY),
  /** Granule cells. */
  OUTPUT("Output", 128, false, 50),
  /** Interneurons that the input excites. */
  FEEDFORWARD("FF_Inh", 7, true, 20),
  /** Mossy cells. */
  MOSSY("FB_Exc", 7, false, 50),
  /** Interneurons that granule or mossy cells excite. */
  FEEDBACK("FB_Inh", 7, true, 20);

  private static final double EXCITATORY_DECAY = 10;
  private static final double INHIBITORY_DECAY = 20;

  private final String label;
  private final int size;
  private final boolean inhibitory;
  private final double membraneTau;

  Cells(String label, int size, boolean inhibitory, double membraneTau) {
    this.label = label;
    this.size = size;
    this.inhibitory = inhibitory;
    this.membraneTau = membraneTau;
  }

  /** Size and time constants. */
  public RatePopulation population() {
    double decay = inhibitory ? INHIBITORY_DECAY : EXCITATORY_DECAY;
    return new RatePopulation(label, size, inhibitory, membraneTau, decay);
  }

  /** What the authors call them. */
  String label() {
    return label;
  }

  /** Whether they inhibit. */
  public boolean inhibitory() {
    return inhibitory;
  }

  /** Number of cells. */
  public int size() {
    return size;
  }

  static List<RatePopulation> populations() {
    return Stream.of(values()).map(Cells::population).toList();
  }
}
