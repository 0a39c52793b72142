package io.tacet.data;

import io.tacet.files.FileFormatException;
import io.tacet.files.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * A text as numbers of tokens.
 *
 * @param name what reports call it
 * @param vocabulary each token's text, by number
 * @param tokens of the text, in order; not copied
 */
public record Text(String name, List<String> vocabulary, int[] tokens) implements Dataset {
  /** The token that ends a line of words. */
  public static final String END_OF_LINE = "<eos>";

  private static final String UNKNOWN = "<unk>";

  /**
   * Checks the tokens.
   *
   * @throws IllegalArgumentException if one is not of the vocabulary
   */
  public Text {
    vocabulary = List.copyOf(vocabulary);
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocabulary.size()) {
        throw new IllegalArgumentException(
            "tokens: expected 0 to "
                + (vocabulary.size() - 1)
                + ", of the vocabulary, got "
                + tokens[i]
                + " at "
                + i
                + " of "
                + name
                + ".");
      }
    }
  }

  /**
   * The characters of a file; the vocabulary is those that occur, in the order of Unicode.
   *
   * @throws MissingDataException if it is not there
   * @throws FileFormatException if it is empty or not UTF-8
   */
  public static Text characters(Path file, String remedy) throws IOException {
    return characters(file, null, remedy);
  }

  /**
   * The characters of a file.
   *
   * @param vocabulary known characters; null to take those of the file, in the order of Unicode
   * @throws MissingDataException if it is not there
   * @throws FileFormatException if it is empty, not UTF-8, or has an unknown character
   */
  public static Text characters(Path file, List<String> vocabulary, String remedy)
      throws IOException {
    int[] codes = read(file, remedy).codePoints().toArray();
    List<String> known = vocabulary;
    if (known == null) {
      TreeSet<Integer> sorted = new TreeSet<>();
      Arrays.stream(codes).forEach(sorted::add);
      known = sorted.stream().map(Character::toString).toList();
    }
    Map<String, Integer> numbers = new LinkedHashMap<>();
    known.forEach(character -> numbers.put(character, numbers.size()));
    int[] tokens = new int[codes.length];
    for (int i = 0; i < codes.length; i++) {
      Integer number = numbers.get(Character.toString(codes[i]));
      if (number == null) {
        throw new FileFormatException(
            file,
            String.format(
                Locale.ROOT,
                "expected characters of the training text, found U+%04X as character %d",
                codes[i],
                i + 1),
            "Leave it out, or train with a text that has it.");
      }
      tokens[i] = number;
    }
    return new Text(file.getFileName().toString(), known, tokens);
  }

  /**
   * The words of a file whose lines end in {@link #END_OF_LINE}.
   *
   * @param vocabulary known words; null to take those of the file, in the order of appearance
   * @throws MissingDataException if it is not there
   * @throws FileFormatException if it is empty, not UTF-8, or has an unknown word and no {@code
   *     <unk>} to stand for it
   */
  public static Text words(Path file, List<String> vocabulary, String remedy) throws IOException {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    if (vocabulary != null) {
      vocabulary.forEach(word -> numbers.put(word, numbers.size()));
    }
    List<Integer> tokens = new ArrayList<>();
    int line = 0;
    for (String text : (Iterable<String>) read(file, remedy).lines()::iterator) {
      line++;
      for (String word : (text.strip() + " " + END_OF_LINE).strip().split("\\s+", -1)) {
        Integer number = numbers.get(word);
        if (number == null && vocabulary == null) {
          number = numbers.size();
          numbers.put(word, number);
        } else if (number == null) {
          number = numbers.get(UNKNOWN);
        }
        if (number == null) {
          throw new FileFormatException(
              file,
              "expected words of the training text, found \"" + word + "\" in line " + line,
              "Take all files from the same place.");
        }
        tokens.add(number);
      }
    }
    return new Text(
        file.getFileName().toString(),
        List.copyOf(numbers.keySet()),
        tokens.stream().mapToInt(Integer::intValue).toArray());
  }

  private static String read(Path file, String remedy) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new MissingDataException(
          "text",
          List.of(file.getFileName().toString()),
          List.of(file.toAbsolutePath().getParent()),
          remedy);
    }
    String text = TextFile.read(file);
    if (text.isBlank()) {
      throw new FileFormatException(file, "expected a text, found none", remedy);
    }
    return text;
  }

  /** Number of tokens. */
  public int length() {
    return tokens.length;
  }

  /** A part of the text. */
  public Text part(String partName, int from, int to) {
    return new Text(partName, vocabulary, Arrays.copyOfRange(tokens, from, to));
  }
}
