import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.Text;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.optim.Adam;
import io.tacet.sparse.PhiloxRandom;
import io.tacet.training.History;
import io.tacet.training.TextGenerator;
import io.tacet.training.Training;
import java.nio.file.Path;
import java.util.Locale;

/** Learns to predict the next character of a text, then writes a line of its own. */
public class TrainCharacters {
  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      System.err.println("Arguments: TEXT [EPOCHS]");
      System.exit(2);
    }
    Text text = Text.characters(Path.of(args[0]), "Name a text in UTF-8.");
    int kept = (int) (0.9 * text.length());
    try (Backend backend = Backends.best();
        Network network =
            Network.on(backend)
                .tokens(text.vocabulary().size())
                .egru(256, Egru.defaults().thresholds(0.1))
                .nextToken(false)
                .build(0)) {
      History history =
          Training.of(network)
              .optimizer(Adam.rate(1e-2))
              .clipNorm(1)
              .chunk(64, false)
              .epochs(args.length > 1 ? Integer.parseInt(args[1]) : 10)
              .batch(16)
              .run(text.part("train", 0, kept), text.part("validation", kept, text.length()));
      network.save(Path.of("characters.tacet"));
      System.out.printf(
          Locale.ROOT,
          "Validation accuracy %.2f %%, %.3f bits per character%n",
          100 * history.testAccuracy(),
          history.last().testLoss() / Math.log(2));
      write(network, text);
    }
  }

  private static void write(Network network, Text text) {
    try (TextGenerator generator = new TextGenerator(network)) {
      PhiloxRandom random = new PhiloxRandom(0, 0);
      generator.read(text.tokens()[0]);
      for (int k = 0; k < 200; k++) {
        int next = generator.draw(0.8, random);
        System.out.print(text.vocabulary().get(next));
        generator.read(next);
      }
      System.out.println();
    }
  }
}
