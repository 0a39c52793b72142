package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.ModelFile;
import io.tacet.files.Json;
import io.tacet.network.Network;
import io.tacet.sparse.PhiloxRandom;
import io.tacet.training.TextGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet generate MODEL}. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    header = "Write text with a language model of characters.")
final class GenerateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "a model.tacet of char-lm")
  private Path model;

  @Option(names = "--prompt", defaultValue = "\n", description = "text to go on from")
  private String prompt;

  @Option(names = "--length", defaultValue = "500", description = "characters; default 500")
  private int length;

  @Option(
      names = "--temperature",
      defaultValue = "0.8",
      description = "0: always the most probable; default 0.8")
  private double temperature;

  @Option(names = "--seed", defaultValue = "0", description = "default 0")
  private long seed;

  @Option(names = "--backend", defaultValue = "auto", description = "java, host, cuda or auto")
  private String backend;

  @Override
  public Integer call() throws IOException {
    if (length < 0 || !(temperature >= 0) || prompt.isEmpty()) {
      throw new IllegalArgumentException(
          "--length, --temperature, --prompt: expected at least 0, at least 0 and some text, got "
              + length
              + ", "
              + temperature
              + " and '"
              + prompt
              + "'.");
    }
    ModelFile file = ModelFile.read(model);
    List<?> vocabulary = (List<?>) Json.parse(file.metadata("vocabulary"));
    Map<String, Integer> numbers = new HashMap<>();
    vocabulary.forEach(text -> numbers.put((String) text, numbers.size()));
    try (Backend chosen = Backends.open(backend);
        Network network = Network.read(chosen, file, model, null);
        TextGenerator generator = new TextGenerator(network)) {
      for (int code : prompt.codePoints().toArray()) {
        Integer number = numbers.get(Character.toString(code));
        if (number == null) {
          throw new IllegalArgumentException(
              "--prompt: the model does not know the character '"
                  + Character.toString(code)
                  + "'; it knows "
                  + String.join("", numbers.keySet().stream().sorted().toList()).strip()
                  + ".");
        }
        generator.read(number);
      }
      System.out.print(prompt.strip());
      RandomGenerator random = new PhiloxRandom(seed, 0);
      for (int k = 0; k < length; k++) {
        int next = generator.draw(temperature, random);
        System.out.print(vocabulary.get(next));
        generator.read(next);
      }
      System.out.println();
    }
    return 0;
  }
}
