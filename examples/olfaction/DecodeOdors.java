import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.sparse.PhiloxRandom;
import io.tacet.systems.olfaction.EliminationDecoder;
import io.tacet.systems.olfaction.EliminationDecoder.Estimate;
import io.tacet.systems.olfaction.EliminationTheory;
import io.tacet.systems.olfaction.Odor;
import io.tacet.systems.olfaction.OdorEncoder;
import io.tacet.systems.olfaction.Sensitivities;
import java.util.Arrays;

/**
 * Which odorants are in a mixture, and how much of each: DecodeOdors [RECEPTORS [COMPONENTS]], of 10,000
 * odorants.
 */
public final class DecodeOdors {
  private static final int ODORANTS = 10_000;
  private static final double DENSITY = 0.05;
  private static final int ODORS = 100;

  public static void main(String[] args) {
    int receptors = args.length > 0 ? Integer.parseInt(args[0]) : 300;
    int components = args.length > 1 ? Integer.parseInt(args[1]) : 10;
    PhiloxRandom random = new PhiloxRandom(1, 0);
    Odor[] odors = new Odor[ODORS];
    Arrays.setAll(odors, b -> Odor.random(random, ODORANTS, components, 0.5, 1.5));
    try (Backend backend = Backends.open("auto");
        Sensitivities sensitivities =
            Sensitivities.random(backend, receptors, ODORANTS, DENSITY, 1, 2);
        OdorEncoder encoder = new OdorEncoder(sensitivities, ODORS);
        EliminationDecoder decoder =
            new EliminationDecoder(sensitivities, ODORS, EliminationDecoder.Noise.NONE)) {
      Estimate[] found = decoder.estimate(encoder.respond(odors));
      double others = 0;
      int right = 0;
      for (int b = 0; b < ODORS; b++) {
        others += (double) (found[b].candidates().length - components) / ODORS;
        right += error(odors[b], found[b]) < 0.01 ? 1 : 0;
      }
      System.out.printf(
          "%d receptors, %d of %d odorants: %.2f others not ruled out (theory: %.2f)%n",
          receptors,
          components,
          ODORANTS,
          others,
          EliminationTheory.falsePositives(receptors, ODORANTS, DENSITY, components));
      System.out.printf("accuracy: %d of %d odors to 1 %% in all concentrations%n", right, ODORS);
    }
  }

  /** Length of the difference of all concentrations, relative to that of the odor. */
  private static double error(Odor odor, Estimate found) {
    double[] difference = new double[ODORANTS];
    double size = 0;
    for (int k = 0; k < odor.components(); k++) {
      difference[odor.odorants()[k]] = odor.concentrations()[k];
      size += odor.concentrations()[k] * odor.concentrations()[k];
    }
    for (int c = 0; c < found.candidates().length; c++) {
      difference[found.candidates()[c]] -= found.concentrations()[c];
    }
    return Math.sqrt(Arrays.stream(difference).map(d -> d * d).sum() / size);
  }
}
