package io.tacet.tasks;

import io.tacet.data.Text;
import io.tacet.files.Json;
import io.tacet.recurrent.LanguageTrainee;
import io.tacet.recurrent.RecurrentNetwork;
import io.tacet.recurrent.RecurrentSpec;
import io.tacet.training.Evaluation;
import io.tacet.training.Trainee;
import java.util.Map;

/**
 * A text whose next token is predicted.
 *
 * @param validation measured after each epoch
 * @param test measured once, at the end
 * @param characters whether tokens are characters; else they are words
 */
record Language(Text train, Text validation, Text test, boolean characters)
    implements RecurrentData {
  /**
   * Checks what language models cannot have.
   *
   * @throws IllegalArgumentException for layers that go backward in time
   */
  static void check(RecurrentSettings s) {
    if (s.bidirectional()) {
      throw new IllegalArgumentException(
          "--bidirectional: expected with tasks that classify whole sequences (smnist, nmnist,"
              + " dvs-gesture), got '"
              + s.task()
              + "', where a layer that goes backward in time would see the token to predict.");
    }
  }

  @Override
  public RecurrentSpec spec(RecurrentSettings s) {
    int vocabulary = train.vocabulary().size();
    return new RecurrentSpec(
        vocabulary,
        true,
        s.embedding(),
        s.hidden(),
        vocabulary,
        s.tied(),
        true,
        s.trainThresholds(),
        s.thresholdMean(),
        s.precision(),
        s.options(),
        false,
        s.thresholdDraw());
  }

  @Override
  public Trainee trainee(RecurrentNetwork network, RecurrentSettings s) {
    int most = s.samples() == 0 ? train.length() : Math.min(s.samples(), train.length());
    return new LanguageTrainee(
        network,
        train.part(train.name(), 0, most),
        validation,
        s.bptt(),
        s.variableBptt(),
        s.training());
  }

  @Override
  public String measured() {
    return "validation";
  }

  @Override
  public Evaluation test(RecurrentNetwork network) {
    return LanguageTrainee.evaluate(network, test);
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of("vocabulary", Json.line(train.vocabulary()));
  }

  @Override
  public Map<String, Double> scores(double loss) {
    return characters
        ? Map.of("bitsPerCharacter", loss / Math.log(2))
        : Map.of("perplexity", Math.exp(loss));
  }

  @Override
  public String scoreText(double loss) {
    return characters
        ? String.format(", %.4g bits per character", loss / Math.log(2))
        : String.format(", perplexity %.4g", Math.exp(loss));
  }
}
