import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.analysis.PopulationCode;
import io.tacet.systems.dentate.Dentate;
import io.tacet.systems.dentate.DentateNetwork;
import io.tacet.systems.dentate.Model;
import io.tacet.systems.dentate.Pathway;

/**
 * A network of the dentate gyrus answers all patterns of seven inputs; then parts of it are taken
 * away, and its inhibition is dealt out anew.
 */
public final class SeparatePatterns {

  public static void main(String[] args) {
    DentateNetwork network = DentateNetwork.draw(Model.INDIRECT, 1234);
    try (Backend backend = Backends.open("java")) {
      show(backend, "whole", network);
      show(backend, "without synapses between mossy cells", network.without(Pathway.MOSSY_MOSSY));
      show(
          backend,
          "without feedforward inhibition",
          network.without(Pathway.FEEDFORWARD_OUTPUT));
      show(backend, "most inhibition where most excitation is", network.aligned(true));
      show(backend, "least inhibition where most excitation is", network.aligned(false));
    }
  }

  private static void show(Backend backend, String name, DentateNetwork network) {
    PopulationCode code = Dentate.code(backend, network);
    System.out.printf(
        "%-44s %5.1f of %d active, similarity %.3f%n",
        name, code.meanActive(), code.units(), code.meanSimilarity(Dentate.SILENT));
  }
}
